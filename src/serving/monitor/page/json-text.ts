import { h } from './element.js'

/** More than this makes browsers slow. */
const longest = 100_000

/** A value as people read it, cut off where it is too long to be shown. */
function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2) ?? 'nothing'
  if (text.length <= longest) return text
  return `${text.slice(0, longest)}\n… and ${(text.length - longest).toLocaleString()} characters more`
}

/** A value on one line, for places with little room. */
export function shortJson(value: unknown, room = 120): string {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > room ? `${text.slice(0, room - 1)}…` : text
}

/** A box with JSON in it that can be scrolled, also by keyboard. */
export function jsonBox(value: unknown, name: string): HTMLPreElement {
  return h('pre', { class: 'json', tabindex: 0, role: 'region', 'aria-label': name }, jsonText(value))
}
