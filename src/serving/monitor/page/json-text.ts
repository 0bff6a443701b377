import { h } from './element.js'

/** More than this makes browsers slow. */
const longest = 100_000

/** A value as people read it, cut off where it is too long to be shown. */
function jsonText(value: unknown): string {
  return cutOff(JSON.stringify(value, null, 2) ?? 'nothing')
}

function cutOff(text: string): string {
  if (text.length <= longest) return text
  return `${text.slice(0, longest)}\n… and ${(text.length - longest).toLocaleString()} characters more`
}

/** A value on one line, for places with little room. */
export function shortJson(value: unknown, room = 120): string {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > room ? `${text.slice(0, room - 1)}…` : text
}

/** What a box is to screen readers; a page has no two regions of one name. */
type BoxRole = 'region' | 'group'

/** A box with JSON in it that can be scrolled, also by keyboard. */
export function jsonBox(value: unknown, name: string, role: BoxRole = 'region'): HTMLPreElement {
  return box(jsonText(value), name, role)
}

/** A box with a long text in it that can be scrolled, also by keyboard. */
export function textBox(text: string, name: string, role: BoxRole = 'region'): HTMLPreElement {
  const found = box(cutOff(text), name, role)
  found.classList.add('wrapped')
  return found
}

function box(text: string, name: string, role: BoxRole): HTMLPreElement {
  return h('pre', { class: 'json', tabindex: 0, role, 'aria-label': name }, text)
}
