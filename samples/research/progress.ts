import type { OrchestrationEvent } from 'advancer'

/** Where progress is shown. */
export interface ProgressOutput {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

interface Activity {
  readonly stateName: string
  readonly subject: string
  readonly startedAt: number
  note: string
  characters: number
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const redrawEveryMs = 80

/**
 * Shows a run while it goes on, from its event stream alone: which states are at work, on what, for how long, and the tokens
 * that were used. On a terminal the lines of running states are redrawn; elsewhere each thing that happens is one plain line.
 */
export class Progress {
  readonly #output: ProgressOutput
  readonly #now: () => number
  readonly #active = new Map<string, Activity>()
  #drawn = 0
  #frame = 0
  #timer: NodeJS.Timeout | undefined
  #startedAt = 0
  #tokens = 0

  constructor(output: ProgressOutput, now: () => number = () => Date.now()) {
    this.#output = output
    this.#now = now
    if (output.isTTY === true) {
      this.#timer = setInterval(() => this.#draw(), redrawEveryMs)
      this.#timer.unref()
    }
  }

  /** Takes note of an event. */
  show(event: OrchestrationEvent): void {
    switch (event.type) {
      case 'orchestration.started':
        this.#startedAt = event.at
        break
      case 'state.started':
        this.#active.set(event.token, {
          stateName: event.stateName,
          subject: subjectOf(event.input),
          startedAt: event.at,
          note: '',
          characters: 0,
        })
        this.#plain(event, '…', subjectOf(event.input))
        break
      case 'agent.tool.called':
        this.#note(event.token, `${event.tool} ${subjectOf(event.arguments)}`)
        this.#plain(event, '·', `${event.tool} ${subjectOf(event.arguments)}`)
        break
      case 'agent.delta':
        this.#write(event.token, event.text.length)
        break
      case 'agent.usage':
        this.#tokens += event.inputTokens + event.outputTokens
        break
      case 'state.completed':
        this.#finish(event, '✓', event.at)
        break
      case 'state.failed':
        this.#finish(event, '✗', event.at)
        break
      case 'state.skipped':
        this.#finish(event, '–', event.at)
        break
      case 'orchestration.completed':
        this.#line(`✓ done in ${seconds(event.at - this.#startedAt)}, ${event.steps} states, ${this.#tokens} tokens`)
        break
      case 'orchestration.cancelled':
        this.#line(`– cancelled after ${seconds(event.at - this.#startedAt)}: ${event.reason}`)
        break
      default:
        break
    }
  }

  /** Leaves the terminal as it should be. */
  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#erase()
  }

  #note(token: string, note: string): void {
    const activity = this.#active.get(token)
    if (activity !== undefined) activity.note = note
  }

  #write(token: string, characters: number): void {
    const activity = this.#active.get(token)
    if (activity === undefined) return
    activity.characters += characters
    activity.note = `writing, ${activity.characters} characters`
  }

  #plain(event: { readonly stateName: string }, mark: string, text: string): void {
    if (this.#output.isTTY !== true) this.#output.write(`${mark} ${event.stateName}  ${shorten(text, 100)}\n`)
  }

  #finish(event: { readonly token: string; readonly stateName: string }, mark: string, at: number): void {
    const activity = this.#active.get(event.token)
    this.#active.delete(event.token)
    const time = activity === undefined ? '' : `  ${seconds(at - activity.startedAt)}`
    this.#line(`${mark} ${event.stateName}  ${shorten(activity?.subject ?? '', 70)}${time}`)
  }

  #line(text: string): void {
    this.#erase()
    this.#output.write(`${text}\n`)
    this.#draw()
  }

  #draw(): void {
    if (this.#output.isTTY !== true || this.#timer === undefined) return
    this.#erase()
    const width = this.#output.columns || 80
    const frame = frames[this.#frame++ % frames.length]
    for (const { stateName, subject, startedAt, note } of this.#active.values()) {
      const time = seconds(this.#now() - startedAt)
      const text = `${frame} ${stateName}  ${shorten(subject, 50)}  ${time}  ${note}`
      this.#output.write(`${shorten(text, width - 1)}\n`)
    }
    this.#drawn = this.#active.size
  }

  #erase(): void {
    if (this.#drawn > 0) this.#output.write(`\u001B[${this.#drawn}A\u001B[0J`)
    this.#drawn = 0
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** The words in a payload that say what a state is about. */
function subjectOf(payload: unknown): string {
  if (typeof payload === 'string') return payload
  if (Array.isArray(payload)) return `${payload.length} findings`
  if (typeof payload !== 'object' || payload === null) return ''
  const { query, topic, file, fromLine, toLine } = payload as Record<string, unknown>
  if (typeof file === 'string') return `${file}:${String(fromLine)}-${String(toLine)}`
  return typeof query === 'string' ? query : typeof topic === 'string' ? topic : ''
}

function shorten(text: string, length: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length <= length ? line : `${line.slice(0, Math.max(0, length - 1))}…`
}
