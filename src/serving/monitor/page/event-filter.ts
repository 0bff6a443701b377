import { fill, h } from './element.js'
import { eventWords, isFailure } from './event-words.js'
import { counted } from './format.js'
import type { RunEvent } from './wire.js'

const failures = 'failures'

/** Which events are shown: by type, state and text. */
export class EventFilter {
  readonly element: HTMLElement
  readonly #type = h('select', { id: 'event-type' })
  readonly #state = h('select', { id: 'event-state' })
  readonly #text = h('input', {
    id: 'event-text',
    type: 'search',
    spellcheck: 'false',
    placeholder: 'In payloads, too',
  })
  readonly #types = new Map<string, number>()
  readonly #states = new Map<string, number>()
  #size = 0

  /** @param part what is called a state */
  constructor(part: string, changed: () => void, stateChosen: (state: string | undefined) => void) {
    this.element = h(
      'div',
      { class: 'filters', role: 'group', 'aria-label': 'Filter events' },
      field('event-type', 'Type', this.#type),
      field('event-state', part, this.#state),
      field('event-text', 'Text', this.#text),
    )
    this.#type.addEventListener('change', changed)
    this.#state.addEventListener('change', () => stateChosen(this.#state.value === '' ? undefined : this.#state.value))
    let timer: ReturnType<typeof setTimeout> | undefined
    this.#text.addEventListener('input', () => {
      clearTimeout(timer)
      timer = setTimeout(changed, 150)
    })
    this.offer()
  }

  /** Counts an event among what can be chosen. */
  count({ type, state_name: state }: RunEvent): void {
    this.#types.set(type, (this.#types.get(type) ?? 0) + 1)
    if (state !== undefined) this.#states.set(state, (this.#states.get(state) ?? 0) + 1)
  }

  /** Offers what has been counted, if there is something new. */
  offer(): void {
    const size = this.#types.size + this.#states.size
    if (size === this.#size && size > 0) return
    this.#size = size
    options(this.#type, ['All', 'Failures'], ['', failures], this.#types)
    options(this.#state, ['All'], [''], this.#states)
  }

  /** Shows which state is chosen. */
  chooseState(state: string | undefined): void {
    if (state !== undefined && !this.#states.has(state)) this.#states.set(state, 0)
    this.#size = -1
    this.offer()
    this.#state.value = state ?? ''
  }

  /** What tells whether an event is shown. */
  test(): (event: RunEvent) => boolean {
    const [type, state] = [this.#type.value, this.#state.value]
    const words = this.#text.value.toLowerCase().split(/\s+/).filter(Boolean)
    return event => {
      if (type === failures ? !isFailure(event) : type !== '' && event.type !== type) return false
      if (state !== '' && event.state_name !== state && event.from_state !== state && event.to_state !== state)
        return false
      if (words.length === 0) return true
      const text = `${eventWords(event)} ${JSON.stringify(event)}`.toLowerCase()
      return words.every(word => text.includes(word))
    }
  }

  /** How many there are, in words. */
  words(shown: number, all: number): string {
    return shown === all ? counted(all, 'event') : `${shown.toLocaleString()} of ${counted(all, 'event')}`
  }
}

function options(
  select: HTMLSelectElement,
  names: readonly string[],
  values: readonly string[],
  counts: Map<string, number>,
): void {
  const chosen = select.value
  const known = [...counts.keys()].sort((a, b) => a.localeCompare(b))
  fill(
    select,
    ...names.map((name, index) => h('option', { value: values[index] ?? '' }, name)),
    ...known.map(name => h('option', { value: name }, name)),
  )
  select.value = chosen
}

function field(id: string, name: string, control: HTMLElement): HTMLElement {
  return h('div', { class: 'field' }, h('label', { for: id }, name), control)
}
