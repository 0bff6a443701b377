import { notify } from './announce.js'
import { fill, h, write } from './element.js'
import { faultList } from './fault-list.js'
import { occupy } from './occupied.js'
import { Refusal, wordsFor } from './refusal.js'
import { goTo } from './router.js'
import { exampleOf } from './schema-example.js'
import { schemaView } from './schema-view.js'
import { inputSchemaOf, loadStartables, start } from './startables.js'
import { emptyState, type View, viewTitle } from './view.js'
import type { Startable } from './wire.js'

/** Starts a run: what, and with which input; what is wrong with the input is shown where it is wrong. */
export function startView(query: URLSearchParams): View {
  return async (outlet, signal) => {
    const select = h('select', { id: 'start-what', required: true })
    const description = h('p', { class: 'hint', id: 'start-about' })
    const input = h('textarea', {
      id: 'start-input',
      rows: 14,
      spellcheck: 'false',
      autocomplete: 'off',
      'aria-describedby': 'start-hint start-faults',
    })
    const faults = h('div', { id: 'start-faults', role: 'alert' })
    const schema = h('section', { class: 'card', 'aria-label': 'What it takes' })
    const button = h('button', { class: 'primary' }, 'Start the run')
    const example = h('button', { type: 'button' }, 'Insert an example')
    const form = h(
      'form',
      { class: 'card' },
      h('div', { class: 'field' }, h('label', { for: 'start-what' }, 'Orchestration or workflow'), select),
      description,
      h('div', { class: 'field' }, h('label', { for: 'start-input' }, 'Input, as JSON'), input),
      faults,
      h('p', { class: 'hint', id: 'start-hint' }, 'A text stands in double quotes. Left empty, the input is null.'),
      h('div', { class: 'actions' }, button, example),
    )
    fill(outlet, viewTitle('Start a run'), h('div', { class: 'two-columns' }, form, schema))
    const startables = await loadStartables(signal)
    if (startables.length === 0) {
      const text =
        'There is nothing to start: the server has no orchestrations and no workflows. A workflow can be created by the API.'
      return fill(outlet, viewTitle('Start a run'), emptyState(text))
    }
    fill(
      select,
      ...startables.map(({ name, kind }, index) =>
        h('option', { value: index }, kind === 'workflow' ? `${name} (workflow)` : name),
      ),
    )
    const wanted = startables.findIndex(({ kind, id }) => query.get(kind) === id)
    select.selectedIndex = Math.max(0, wanted)
    const chosen = (): Startable => startables[select.selectedIndex] as Startable
    const choose = async (): Promise<void> => {
      const startable = chosen()
      write(description, startable.description ?? '')
      fill(faults)
      const found = await inputSchemaOf(startable, signal)
      if (startable !== chosen()) return
      fill(schema, ...schemaView(found))
      example.hidden = found === undefined
      example.onclick = () => {
        input.value = JSON.stringify(exampleOf(found ?? {}), null, 2)
        input.focus()
      }
    }
    select.addEventListener('change', () => void choose().catch((thrown: unknown) => notify(wordsFor(thrown))))
    form.addEventListener('submit', event => {
      event.preventDefault()
      const free = occupy(button)
      if (free !== undefined) void submit(chosen(), input, faults).finally(free)
    })
    await choose()
  }
}

async function submit(startable: Startable, input: HTMLTextAreaElement, faults: HTMLElement): Promise<void> {
  fill(faults)
  input.removeAttribute('aria-invalid')
  let value: unknown
  try {
    value = input.value.trim() === '' ? null : JSON.parse(input.value)
  } catch (thrown) {
    input.setAttribute('aria-invalid', 'true')
    return fill(faults, h('p', { class: 'field-error' }, `This is not JSON: ${(thrown as Error).message}.`))
  }
  try {
    goTo(['runs', await start(startable, value)])
  } catch (thrown) {
    input.setAttribute('aria-invalid', 'true')
    const listed = faultList(thrown instanceof Refusal ? thrown.faults : [], input)
    const words =
      listed === undefined ? wordsFor(thrown) : 'The run was not started, because the input is not what it takes:'
    fill(faults, h('p', { class: 'field-error' }, words), listed)
  }
}
