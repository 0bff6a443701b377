import { OptionError } from '../errors/index.js'

/**
 * What happens to a message that comes while another one is being answered.
 *
 * - `reject`: it is refused with CHAT_BUSY.
 * - `enqueue`: it is answered when those before it are.
 * - `interrupt`: the turn at work is cancelled, and what was said in it stays in the history, marked as interrupted, but not the tools
 *   that it called; the message is next, before those that are enqueued.
 * - `rollback`: the turn at work is cancelled and leaves no trace; the message is next.
 *
 * A turn whose reply is already being written to the history is left to finish.
 */
export type WhenBusy = 'reject' | 'enqueue' | 'interrupt' | 'rollback'

const modes: readonly WhenBusy[] = ['reject', 'enqueue', 'interrupt', 'rollback']

/** @throws OPTION_INVALID */
export function checkMode(whenBusy: WhenBusy): WhenBusy {
  if (modes.includes(whenBusy)) return whenBusy
  throw new OptionError('whenBusy', modes.map(mode => `'${mode}'`).join(' or '), whenBusy)
}
