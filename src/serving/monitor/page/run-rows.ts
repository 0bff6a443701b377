import { h, write } from './element.js'
import { between, durationOf, firstOf, timeElement } from './format.js'
import { linkTo } from './router.js'
import { nameOf } from './run-name.js'
import { isOver, statusBadge } from './status-badge.js'
import type { RunSummary } from './wire.js'

interface Row {
  readonly element: HTMLTableRowElement
  readonly status: HTMLTableCellElement
  readonly at: HTMLTableCellElement
  readonly took: HTMLTableCellElement
  run: RunSummary
}

/** The table of runs; a row stays the same element as long as its run is shown, and with it the focus. */
export class RunRows {
  readonly element: HTMLElement
  readonly #body = h('tbody')
  readonly #rows = new Map<string, Row>()

  constructor() {
    const heads = ['Run', 'Status', 'Now at', 'Started', 'Duration'].map(name =>
      h('th', { scope: 'col', class: name === 'Duration' ? 'number' : undefined }, name),
    )
    this.element = h(
      'div',
      { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': 'Runs' },
      h(
        'table',
        { class: 'runs' },
        h('caption', { class: 'visually-hidden' }, 'Runs, the youngest first'),
        h('thead', {}, h('tr', {}, ...heads)),
        this.#body,
      ),
    )
  }

  show(runs: readonly RunSummary[]): void {
    const wanted = new Set(runs.map(run => run.execution_id))
    for (const [id, { element }] of this.#rows) {
      if (wanted.has(id)) continue
      element.remove()
      this.#rows.delete(id)
    }
    for (const [index, run] of runs.entries()) {
      const row = this.#rows.get(run.execution_id) ?? this.#add(run)
      this.#update(row, run)
      if (this.#body.children[index] !== row.element)
        this.#body.insertBefore(row.element, this.#body.children[index] ?? null)
    }
  }

  #add(run: RunSummary): Row {
    const { execution_id: id, workflow_version: version, parent } = run
    const status = h('td')
    const at = h('td', { class: 'states' })
    const took = h('td', { class: 'number' })
    const facts = [
      id,
      ...(version === undefined ? [] : [`version ${version}`]),
      ...(parent === undefined ? [] : ['fork']),
    ]
    const name = h(
      'th',
      { scope: 'row' },
      h('a', { href: linkTo(['runs', id]) }, nameOf(run)),
      h('span', { class: 'id' }, facts.join(' · ')),
    )
    const element = h('tr', {}, name, status, at, h('td', {}, timeElement(run.created_at)), took)
    const row = { element, status, at, took, run: { ...run, status: 'pending' as const, seq: -1 } }
    this.#rows.set(id, row)
    return row
  }

  #update(row: Row, run: RunSummary): void {
    if (row.run.status !== run.status) row.status.replaceChildren(statusBadge(run.status))
    if (row.run.seq !== run.seq || row.run.status !== run.status) {
      write(row.at, firstOf(run.current_nodes))
      write(row.took, isOver(run.status) ? durationOf(between(run.created_at, run.updated_at)) : '')
    }
    row.run = run
  }
}
