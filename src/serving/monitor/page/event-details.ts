import { h } from './element.js'
import { timeElement } from './format.js'
import { jsonBox } from './json-text.js'
import type { RunEvent } from './wire.js'

const payloads = ['input', 'output', 'subject', 'data', 'value', 'arguments', 'result', 'error', 'text']
const inHead = new Set(['type', 'at', 'seq', 'execution_id', ...payloads])

/** All that an event carries. */
export function eventDetails(event: RunEvent): readonly Node[] {
  const facts = Object.entries(event).filter(([name, value]) => !inHead.has(name) && value !== undefined)
  const carried = payloads.filter(name => event[name] !== undefined)
  return [
    h('h3', {}, `${event.seq} · ${event.type}`),
    h(
      'dl',
      { class: 'facts' },
      h('dt', {}, 'Time'),
      h('dd', {}, timeElement(event.at)),
      ...facts.flatMap(([name, value]) => [
        h('dt', {}, name.replaceAll('_', ' ')),
        h('dd', {}, typeof value === 'string' ? value : JSON.stringify(value)),
      ]),
    ),
    ...carried.flatMap(name => [h('h4', {}, name), jsonBox(event[name], `${name} of the event`)]),
  ]
}
