import type { Page } from './page.js'
import { jsonText } from './plain-value.js'
import { printable } from './printable.js'

/** Writes a result: a text as it is, anything else as JSON. On a terminal without what could do something to it. */
export function writeValue(page: Page, value: unknown): void {
  if (typeof value === 'string') page.line(page.isLive ? printable(value) : value)
  else page.line(jsonText(value, 2))
}
