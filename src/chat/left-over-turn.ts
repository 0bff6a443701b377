import type { ChatMessage } from './chat-message.js'
import type { Chat } from './chat-turn.js'
import type { KeptTurns, UnfinishedTurn } from './kept-turns.js'

/** What an earlier process has left of a chat: a turn to go on with, or the reply of one that only had to be forgotten. */
export type LeftOver = { readonly left: UnfinishedTurn } | { readonly reply: ChatMessage }

/** Looks for a turn that an earlier process has left. One that is in the history is over, and is forgotten. */
export async function leftOver(chat: Chat, turns: KeptTurns): Promise<LeftOver | undefined> {
  const left = await turns.unfinished(chat.id)
  if (left === undefined) return undefined
  const said = (await chat.history.load(chat.id)).filter(({ turn }) => turn === left.id)
  const last = said.at(-1)
  if (last === undefined) return { left }
  await turns.settle(chat.id, left.id, 'completed')
  return last.role === 'user' || last.interrupted === true ? undefined : { reply: last }
}

/** Ends a turn that an earlier process has left, for good. */
export async function abandonLeftOver(
  chat: Chat,
  turns: KeptTurns,
  left: UnfinishedTurn,
  reason: string,
  keep: readonly ChatMessage[],
): Promise<void> {
  await turns.abandon(left)
  if (keep.length > 0) await chat.history.append(chat.id, keep)
  await turns.settle(chat.id, left.id, 'cancelled')
  chat.emit({ type: 'runtime.cancelled', reason, message: left.message, kept: keep.length > 0 })
}
