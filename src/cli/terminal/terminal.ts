import type { Io } from '../io.js'
import { Page } from './page.js'
import { jsonText } from './plain-value.js'

/** What a command writes with: results on the one page, everything else on the other. */
export class Terminal {
  /** Results. */
  readonly out: Page
  /** Progress, messages, errors. */
  readonly err: Page
  /** Whether somebody is there who can be asked. */
  readonly isInteractive: boolean

  constructor({ stdout, stderr, stdin, env }: Io) {
    this.out = new Page(stdout, env)
    this.err = new Page(stderr, env)
    this.isInteractive = stdin.isTTY === true && this.err.isLive && !isSet(env['CI'])
  }

  /** Writes a value as JSON, readable for people. */
  json(value: unknown): void {
    this.out.line(jsonText(value, 2))
  }

  /** Writes a value as one line of JSON. */
  jsonLine(value: unknown): void {
    this.out.line(jsonText(value))
  }

  /** Tells something that is neither a result nor an error. */
  note(text: string): void {
    this.err.line(text)
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0'
}
