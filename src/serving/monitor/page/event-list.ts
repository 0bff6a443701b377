import { fill, h, write } from './element.js'
import { eventDetails } from './event-details.js'
import { EventFilter } from './event-filter.js'
import { eventWords, isFailure } from './event-words.js'
import type { RunParts } from './run-parts.js'
import { runWords } from './run-words.js'
import { VirtualList } from './virtual-list.js'
import type { RunEvent } from './wire.js'

/** The events of a run: filtered, however many, each with all that it carries. */
export function eventList({ signal, shown, chosenState, view }: RunParts): HTMLElement {
  const details = h('div', { class: 'event-details', tabindex: 0, role: 'region', 'aria-label': 'The chosen event' })
  const count = h('p', { class: 'hint' })
  const none = h('p', { class: 'empty' })
  const follow = h('input', { type: 'checkbox', id: 'follow', checked: true })
  let events: readonly RunEvent[] = []
  let matching: number[] = []
  let done = 0
  let counted = 0
  let test = (_event: RunEvent): boolean => true

  const eventAt = (row: number): RunEvent => events[matching[row] as number] as RunEvent
  const list = new VirtualList({
    name: 'Events',
    rowHeight: 32,
    draw: (row, index) => drawRow(row, eventAt(index), events[0]),
    choose: index => fill(details, ...eventDetails(eventAt(index))),
    scrolled: isAtEnd => {
      if (!isAtEnd) follow.checked = false
    },
  })
  const filter = new EventFilter(
    runWords[view].part,
    () => filterAnew(),
    state => chosenState.set(state),
  )
  const nothingChosen = (): void =>
    fill(details, h('p', { class: 'hint' }, 'Choose an event to see all that it carries.'))

  const advance = (end: number, anew: boolean): void => {
    for (; done < end; done++) if (test(events[done] as RunEvent)) matching.push(done)
    list.element.hidden = matching.length === 0
    none.hidden = matching.length > 0
    write(none, end === 0 ? 'No events yet.' : 'No event matches the filters.')
    list.setCount(matching.length, anew)
    if (follow.checked) list.scrollToEnd()
    write(count, filter.words(matching.length, end))
  }
  const filterAnew = (): void => {
    test = filter.test()
    const end = done
    matching = []
    done = 0
    nothingChosen()
    advance(end, true)
  }
  follow.addEventListener('change', () => {
    if (follow.checked) list.scrollToEnd()
  })
  shown.watch(({ all, end }) => {
    events = all
    for (; counted < all.length; counted++) filter.count(all[counted] as RunEvent)
    filter.offer()
    if (end >= done) return advance(end, false)
    done = end
    filterAnew()
  }, signal)
  chosenState.watch(state => {
    filter.chooseState(state)
    filterAnew()
  }, signal)
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'events-title' },
    h(
      'div',
      { class: 'card-head' },
      h('h2', { id: 'events-title' }, 'Events'),
      count,
      h('span', { class: 'field-inline' }, follow, h('label', { for: 'follow' }, 'Follow')),
    ),
    filter.element,
    h('div', { class: 'events' }, h('div', { class: 'event-rows' }, list.element, none), details),
  )
}

function drawRow(row: HTMLElement, event: RunEvent, first: RunEvent | undefined): void {
  const { seq, type, state_name: state, path = [], at } = event
  const ms = Date.parse(at) - Date.parse(first?.at ?? at)
  row.classList.toggle('is-failure', isFailure(event))
  fill(
    row,
    h('span', { class: 'seq' }, seq),
    h('span', { class: 'offset' }, `+${(ms / 1000).toFixed(3)}`),
    h('span', { class: 'type' }, type),
    h('span', { class: 'state' }, [...path, ...(state === undefined ? [] : [state])].join(' › ')),
    h('span', { class: 'words' }, eventWords(event)),
  )
}
