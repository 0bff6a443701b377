import { fill, h, write } from './element.js'
import { jsonBox, shortJson } from './json-text.js'
import type { RunParts } from './run-parts.js'
import { runWords } from './run-words.js'
import type { BranchState, RunState } from './wire.js'

/** What the run has in its hands at the moment that is looked at: branches, properties, outputs. */
export function runData({ signal, details, state, moment, view }: RunParts): HTMLElement {
  const when = h('p', { class: 'hint' })
  const branches = h('div')
  const values = h('div', { class: 'values' })
  const words = runWords[view]
  const closed = new Set([words.outputs])
  let drawn = ''
  const draw = (): void => {
    const { input, output } = details.value
    const shown = state.value
    write(when, moment.value === undefined ? '' : `as it was after entry ${moment.value}`)
    fill(branches, ...(shown === undefined ? [] : branchTable(shown, words.part)))
    const parts: readonly (readonly [string, unknown])[] = [
      ['Input', input],
      ['Properties', shown?.properties],
      [words.outputs, shown?.outputs],
      ['Output of the run', moment.value === undefined ? output : shown?.output],
    ]
    const present = parts.filter(([, value]) => value !== undefined && JSON.stringify(value) !== '{}')
    const text = JSON.stringify(present)
    // What people have opened or selected stays so for as long as it is the same.
    if (text === drawn) return
    drawn = text
    for (const each of values.querySelectorAll('details')) {
      const name = each.querySelector('summary')?.textContent ?? ''
      if (each.open) closed.delete(name)
      else closed.add(name)
    }
    fill(
      values,
      ...present.map(([name, value]) =>
        h('details', { open: !closed.has(name) }, h('summary', {}, name), jsonBox(value, name)),
      ),
    )
  }
  details.watch(draw, signal)
  state.watch(draw, signal)
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'data-title' },
    h('div', { class: 'card-head' }, h('h2', { id: 'data-title' }, 'Branches and data'), when),
    branches,
    values,
  )
}

function branchTable({ branches, inner = [] }: RunState, part: string): readonly Node[] {
  const all = [branches, ...inner.map(run => run.branches)].flat()
  if (all.length === 0) return [h('p', { class: 'hint' }, 'No branch is under way.')]
  const heads = ['Branch', part, 'Phase', 'Input'].map(name => h('th', { scope: 'col' }, name))
  const caption = h('caption', { class: 'visually-hidden' }, 'Branches under way')
  const rows = all.slice(0, 50).map(branchRow)
  const rest = all.length > rows.length ? [h('p', { class: 'hint' }, `and ${all.length - rows.length} more`)] : []
  const table = h('table', {}, caption, h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...rows))
  return [
    h('div', { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': 'Branches under way' }, table),
    ...rest,
  ]
}

function branchRow({ token, node_id: node, phase, input, waits_for: waits }: BranchState): HTMLElement {
  const doing = waits === undefined ? phase : `waits for ${waits.kind}`
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, h('code', {}, token)),
    h('td', {}, node),
    h('td', {}, doing),
    h('td', { class: 'words' }, shortJson(input, 80)),
  )
}
