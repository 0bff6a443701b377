import type { Page } from './page.js'
import { printableLine } from './printable.js'
import { padded, shortened, textWidth } from './text-width.js'

/** A column of a table. */
export interface Column<Row> {
  readonly title: string
  readonly text: (row: Row) => string
  readonly style?: (row: Row) => (text: string) => string
  /** Whether it gives way when the table is wider than the terminal. @default false */
  readonly shrinks?: boolean
}

/** Rows under titles, as wide as the terminal at most; what is cut off ends with dots. */
export function writeTable<Row>(page: Page, columns: readonly Column<Row>[], rows: readonly Row[]): void {
  const cells = rows.map(row => columns.map(({ text }) => printableLine(text(row))))
  const wanted = columns.map(({ title }, at) => {
    return Math.max(title.length, ...cells.map(row => textWidth(row[at] as string)))
  })
  const widths = fitted(columns, wanted, page.columns)
  const { styles, symbols } = page
  const write = (texts: readonly string[], style: (at: number) => (text: string) => string): void => {
    const parts = texts.map((text, at) => {
      const fits = shortened(text, widths[at] as number, symbols.ellipsis)
      const isLast = at === texts.length - 1
      return style(at)(fits) + (isLast ? '' : padded('', (widths[at] as number) - textWidth(fits) + 2))
    })
    page.line(parts.join('').trimEnd())
  }
  write(
    columns.map(({ title }) => title),
    () => styles.dim,
  )
  for (const [index, row] of rows.entries()) {
    write(cells[index] as string[], at => columns[at]?.style?.(row) ?? (text => text))
  }
}

function fitted<Row>(columns: readonly Column<Row>[], wanted: readonly number[], room: number): readonly number[] {
  const gaps = 2 * (columns.length - 1)
  let tooMuch = wanted.reduce((sum, width) => sum + width, gaps) - room
  if (tooMuch <= 0) return wanted
  const widths = [...wanted]
  const shrinking = columns.flatMap(({ shrinks }, at) => (shrinks === true ? [at] : []))
  while (tooMuch > 0 && shrinking.length > 0) {
    // The widest gives way first.
    const at = shrinking.reduce((a, b) => ((widths[b] as number) > (widths[a] as number) ? b : a))
    if ((widths[at] as number) <= 8) break
    widths[at] = (widths[at] as number) - 1
    tooMuch--
  }
  return widths
}
