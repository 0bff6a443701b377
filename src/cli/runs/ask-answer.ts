import type { OpenRequest, OrchestrationRun } from '../../core/index.js'
import { ensureError } from '../../errors/index.js'
import type { Io } from '../io.js'
import { jsonText } from '../terminal/plain-value.js'
import { printable, printableLine } from '../terminal/printable.js'
import type { Terminal } from '../terminal/terminal.js'
import { userName } from './user-name.js'

/** How many lines of what is to be decided about are shown. */
const mostLines = 30

/** Whether somebody has answered, or the run is to be paused instead. */
export type Answered = 'answered' | 'later'

/** Asks at the terminal what a run waits for, and gives it the answer. `abort` takes the question back. */
export async function askAnswer(
  run: OrchestrationRun<unknown>,
  request: OpenRequest,
  { io, terminal, abort }: { readonly io: Io; readonly terminal: Terminal; readonly abort: AbortSignal },
): Promise<Answered> {
  const { err } = terminal
  const { bold, yellow } = err.styles
  const question = request.kind === 'approval' ? request.message : 'waits for a message'
  err.line()
  err.line(`${yellow(err.symbols.waiting)} ${bold(printableLine(request.stateName))}: ${printable(question)}`)
  for (const line of subjectLines(subjectOf(request))) err.line(`  ${line}`)
  const ask = (text: string): Promise<string | undefined> => io.ask(text, abort)
  return request.kind === 'approval' ? decide(run, request, terminal, ask) : send(run, request, terminal, ask)
}

type Ask = (text: string) => Promise<string | undefined>

async function decide(
  run: OrchestrationRun<unknown>,
  request: OpenRequest,
  { err }: Terminal,
  ask: Ask,
): Promise<Answered> {
  for (;;) {
    const answer = (await ask('  Approve? [y]es, [n]o, [l]ater: '))?.trim().toLowerCase()
    if (answer === undefined || answer === 'l' || answer === 'later') return 'later'
    const isYes = answer === 'y' || answer === 'yes'
    if (isYes || answer === 'n' || answer === 'no') {
      const comment = (await ask('  Comment (Enter for none): '))?.trim()
      const by = userName()
      const decision = { ...(by === undefined ? {} : { by }), ...(comment ? { comment } : {}) }
      if (isYes) await run.approve(request, decision)
      else await run.reject(request, decision)
      return 'answered'
    }
    err.line('  Type y, n or l.')
  }
}

async function send(
  run: OrchestrationRun<unknown>,
  request: OpenRequest,
  { err }: Terminal,
  ask: Ask,
): Promise<Answered> {
  for (;;) {
    const text = (await ask('  The message as JSON (Enter for later): '))?.trim()
    if (text === undefined || text === '') return 'later'
    try {
      await run.signal(request, JSON.parse(text))
      return 'answered'
    } catch (thrown) {
      err.line(`  ${printable(ensureError(thrown).message)}`)
    }
  }
}

/** What is to be decided about; that of a workflow's approval has the message once more. */
function subjectOf({ input, message }: OpenRequest): unknown {
  if (typeof input !== 'object' || input === null || Object.keys(input).join() !== 'message,input') return input
  const asked = input as { readonly message: unknown; readonly input: unknown }
  return asked.message === message ? asked.input : input
}

function subjectLines(subject: unknown): readonly string[] {
  if (subject === undefined || subject === null) return []
  const text = typeof subject === 'string' ? subject : jsonText(subject, 2)
  const lines = printable(text).split('\n')
  const more = lines.length - mostLines
  return more <= 0 ? lines : [...lines.slice(0, mostLines), `... and ${more} more lines`]
}
