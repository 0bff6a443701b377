import { ask, runPath } from './api.js'
import { fill, h, write } from './element.js'
import { between, durationOf, moneyOf, numberOf } from './format.js'
import { wordsFor } from './refusal.js'
import { atMostEvery } from './repeat.js'
import type { RunParts } from './run-parts.js'
import { statusBadge } from './status-badge.js'
import type { CostInfo, ModelCost, NodeInfo } from './wire.js'

/** What each node has come to and what it cost, as things are now. */
export function nodeTable({ runId, signal, feed, chosenState, moment }: RunParts): HTMLElement {
  const nodeRows = h('tbody')
  const models = h('div')
  const total = h('p', { class: 'hint' })
  const note = h('p', { class: 'hint' }, 'as things are now')
  const load = async (): Promise<void> => {
    const [{ nodes }, cost] = await Promise.all([
      ask<{ readonly nodes: readonly NodeInfo[] }>(runPath(runId, 'nodes'), { signal }),
      ask<CostInfo>(runPath(runId, 'cost'), { signal }),
    ])
    fill(nodeRows, ...nodes.map(node => nodeRow(node, name => chosenState.set(name))))
    fill(models, ...modelTable(cost.model_costs))
    const budget = cost.max_budget === undefined ? '' : ` of ${moneyOf(cost.max_budget)}`
    write(total, `${moneyOf(cost.total_cost_usd)}${budget}`)
  }
  const failed = (thrown: unknown): void => {
    if (!signal.aborted) write(total, wordsFor(thrown))
  }
  const soon = atMostEvery(800, () => void load().catch(failed), signal)
  // The server goes through all events for this.
  const later = atMostEvery(4000, () => void load().catch(failed), signal)
  feed.count.watch(count => (count < 2000 ? soon() : later()), signal)
  moment.watch(at => {
    note.hidden = at === undefined
  }, signal)
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'nodes-title' },
    h('div', { class: 'card-head' }, h('h2', { id: 'nodes-title' }, 'Nodes and cost'), total, note),
    tableOf('Nodes', ['Node', 'Kind', 'Status', 'Attempts', 'Took', 'Cost'], nodeRows),
    models,
  )
}

function nodeRow(node: NodeInfo, choose: (name: string) => void): HTMLElement {
  const { node_id: name, node_type: type, parent, status, attempt, cost_usd: cost } = node
  const { started_at: started, completed_at: completed, error_message: error } = node
  const took = started === undefined || completed === undefined ? '' : durationOf(between(started, completed))
  const stateName = parent !== undefined && name.startsWith(`${parent}/`) ? name.slice(parent.length + 1) : name
  return h(
    'tr',
    {},
    h(
      'th',
      { scope: 'row' },
      h('button', { type: 'button', class: 'link', title: 'Show its events', onclick: () => choose(stateName) }, name),
      parent === undefined ? null : h('span', { class: 'id' }, `in ${parent}`),
    ),
    h('td', {}, type),
    h('td', {}, statusBadge(status), error === undefined ? null : h('span', { class: 'error-text' }, error)),
    h('td', { class: 'number' }, attempt === 0 ? '' : numberOf(attempt)),
    h('td', { class: 'number' }, took),
    h('td', { class: 'number' }, cost === 0 ? '' : moneyOf(cost)),
  )
}

function modelTable(models: readonly ModelCost[]): readonly Node[] {
  if (models.length === 0) return []
  const rows = models.map(({ model, calls, input_tokens: taken, output_tokens: given, cost_usd: cost }) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, model),
      ...[numberOf(calls), numberOf(taken), numberOf(given), moneyOf(cost)].map(text =>
        h('td', { class: 'number' }, text),
      ),
    ),
  )
  return [tableOf('Models', ['Model', 'Calls', 'Tokens in', 'Tokens out', 'Cost'], h('tbody', {}, ...rows))]
}

const numbers: ReadonlySet<string> = new Set(['Attempts', 'Took', 'Cost', 'Calls', 'Tokens in', 'Tokens out'])

function tableOf(name: string, heads: readonly string[], body: HTMLElement): HTMLElement {
  const cells = heads.map(head => h('th', { scope: 'col', class: numbers.has(head) ? 'number' : undefined }, head))
  return h(
    'div',
    { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': name },
    h('table', {}, h('caption', { class: 'visually-hidden' }, name), h('thead', {}, h('tr', {}, ...cells)), body),
  )
}
