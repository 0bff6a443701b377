import type { OutputStream } from '../io.js'
import { hasColours, type Styles, stylesFor } from './styles.js'
import { type Symbols, symbolsFor } from './symbols.js'

/** What stands at the bottom of the terminal while lines are written above it. */
interface Footer {
  readonly lines: readonly string[]
}

/** One of the two streams that a command writes to, and what is known of who reads it. */
export class Page {
  /** Whether a person reads it on a terminal that can be written over. */
  readonly isLive: boolean
  readonly styles: Styles
  readonly symbols: Symbols
  readonly #stream: OutputStream
  #footer: Footer = { lines: [] }

  constructor(stream: OutputStream, env: Readonly<Record<string, string | undefined>>) {
    this.#stream = stream
    this.isLive = stream.isTTY === true && env['TERM'] !== 'dumb'
    this.styles = stylesFor(hasColours(stream.isTTY === true, env))
    this.symbols = symbolsFor(env)
  }

  /** How many columns a line has; where nobody reads, there is no limit. A terminal that does not know says 0. */
  get columns(): number {
    return this.#stream.isTTY === true ? this.#stream.columns || 80 : Infinity
  }

  /** Writes a line, above what stands at the bottom. */
  line(text = ''): void {
    const { lines } = this.#footer
    this.#stream.write(`${erased(lines)}${text}\n${lines.map(each => `${each}\n`).join('')}`)
  }

  /** Sets what stands at the bottom, in the place of what stood there; only on a live page. Each line must fit into the columns. */
  footer(lines: readonly string[]): void {
    if (lines.length === 0 && this.#footer.lines.length === 0) return
    const before = this.#footer.lines
    this.#footer = { lines }
    this.#stream.write(`${erased(before)}${lines.map(each => `${each}\n`).join('')}`)
  }
}

/** Moves to where the lines begin and erases everything from there on; the terminal may have echoed a key behind them. */
function erased(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\r\u001b[${lines.length}A\u001b[J`
}
