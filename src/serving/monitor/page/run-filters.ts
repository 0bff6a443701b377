import { fill, h } from './element.js'
import { loadStartables } from './startables.js'

/** Which runs are shown. */
export interface RunFilters {
  readonly status: string
  /** `orchestration:name` or `workflow_id:id`; empty for all. */
  readonly what: string
  readonly text: string
}

const statuses = ['running', 'paused', 'completed', 'failed', 'cancelled']

/** The filters of the list of runs; they are in the address, so that they can be linked to. */
export function filterBar(
  query: URLSearchParams,
  signal: AbortSignal,
  changed: (filters: RunFilters) => void,
): { readonly element: HTMLElement; readonly filters: RunFilters } {
  const status = h(
    'select',
    { id: 'filter-status' },
    h('option', { value: '' }, 'All'),
    ...statuses.map(each => h('option', { value: each }, each.charAt(0).toUpperCase() + each.slice(1))),
  )
  const what = h('select', { id: 'filter-what' }, h('option', { value: '' }, 'All'))
  const text = h('input', { id: 'filter-text', type: 'search', placeholder: 'Id, name or state', spellcheck: 'false' })
  status.value = query.get('status') ?? ''
  text.value = query.get('text') ?? ''
  const wanted = query.get('what') ?? ''
  if (wanted !== '') what.append(h('option', { value: wanted, selected: true }, wanted.slice(wanted.indexOf(':') + 1)))
  const filters = (): RunFilters => ({ status: status.value, what: what.value, text: text.value })
  const tell = (): void => changed(filters())
  status.addEventListener('change', tell)
  what.addEventListener('change', tell)
  text.addEventListener('input', tell)
  void loadStartables(signal).then(
    startables => {
      const chosen = what.value
      const options = startables.map(({ kind, id, name }) => {
        const value = `${kind === 'workflow' ? 'workflow_id' : kind}:${id}`
        return { kind, option: h('option', { value, selected: value === chosen }, name) }
      })
      const group = (kind: string, label: string): Node | undefined => {
        const own = options.filter(each => each.kind === kind).map(each => each.option)
        return own.length === 0 ? undefined : h('optgroup', { label }, ...own)
      }
      fill(
        what,
        h('option', { value: '' }, 'All'),
        group('orchestration', 'Orchestrations'),
        group('workflow', 'Workflows'),
      )
      if (what.value !== chosen)
        what.append(h('option', { value: chosen, selected: true }, chosen.slice(chosen.indexOf(':') + 1)))
    },
    () => undefined,
  )
  const form = h(
    'form',
    { class: 'filters', role: 'search', 'aria-label': 'Filter runs' },
    field('filter-status', 'Status', status),
    field('filter-what', 'Orchestration or workflow', what),
    field('filter-text', 'Text', text),
  )
  form.addEventListener('submit', event => event.preventDefault())
  return { element: form, filters: filters() }
}

function field(id: string, name: string, control: HTMLElement): HTMLElement {
  return h('div', { class: 'field' }, h('label', { for: id }, name), control)
}
