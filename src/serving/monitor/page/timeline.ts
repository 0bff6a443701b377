import { fill, h, write } from './element.js'
import { durationOf, numberOf } from './format.js'
import { laneBars, laneWords } from './lane-bars.js'
import { type Lane, Lanes } from './lanes.js'
import { atMostEvery } from './repeat.js'
import type { RunParts } from './run-parts.js'
import { runWords } from './run-words.js'

const mostLanes = 40

interface Row {
  readonly element: HTMLTableRowElement
  readonly name: HTMLElement
  readonly track: HTMLElement
  readonly words: HTMLElement
}

/** Which branch was in which state, and for how long; of a workflow, which node was at work. */
export function timeline({ signal, shown, view }: RunParts): HTMLElement {
  const words = runWords[view]
  const body = h('tbody')
  const axis = h('div', { class: 'axis', 'aria-hidden': 'true' })
  const note = h('p', { class: 'hint' })
  const more = h('button', { type: 'button', class: 'small', hidden: true }, `Show all ${words.lanes}`)
  const rows: Row[] = []
  let lanes = new Lanes(view)
  let done = 0
  let most = mostLanes
  more.addEventListener('click', () => {
    most = Infinity
    draw()
  })

  const draw = (): void => {
    const start = lanes.start ?? 0
    // What is still going on reaches a little beyond the last event.
    const last = Math.max(lanes.end, start + 1)
    const end = lanes.isOpen ? last + (last - start) * 0.12 : last
    const listed = [...lanes.all.values()]
    const visible = listed.slice(0, most)
    for (const [index, lane] of visible.entries()) {
      const row = (rows[index] ??= addRow(body))
      drawRow(row, lane, start, end)
    }
    for (const row of rows.splice(visible.length)) row.element.remove()
    more.hidden = visible.length === listed.length
    write(
      note,
      listed.length === 0
        ? 'Nothing has started yet.'
        : `${listed.length === 1 ? `1 ${words.lane.toLowerCase()}` : `${numberOf(listed.length)} ${words.lanes}`}, ${durationOf(last - start)}`,
    )
    fill(axis, ...[0, 0.25, 0.5, 0.75, 1].map(part => h('span', {}, durationOf((end - start) * part))))
  }
  const soon = atMostEvery(200, draw, signal)
  shown.watch(({ all, end }) => {
    const isBack = end < done
    if (isBack) {
      lanes = new Lanes(view)
      done = 0
    }
    for (; done < end; done++) lanes.add(all[done] as (typeof all)[number])
    if (isBack) draw()
    else soon()
  }, signal)
  draw()
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'timeline-title' },
    h('div', { class: 'card-head' }, h('h2', { id: 'timeline-title' }, words.timeline), note, more),
    h(
      'div',
      { class: 'lanes', tabindex: 0, role: 'region', 'aria-label': `Lanes of the ${words.lanes}` },
      h(
        'table',
        {},
        h('caption', { class: 'visually-hidden' }, `What each ${words.lane.toLowerCase()} did, and how long it took`),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, words.lane),
            h('th', { scope: 'col' }, h('span', { class: 'visually-hidden' }, 'Visits'), axis),
          ),
        ),
        body,
      ),
    ),
  )
}

function addRow(body: HTMLElement): Row {
  const name = h('th', { scope: 'row' })
  const track = h('div', { class: 'track', 'aria-hidden': 'true' })
  const words = h('span', { class: 'visually-hidden' })
  const element = h('tr', {}, name, h('td', {}, track, words))
  body.append(element)
  return { element, name, track, words }
}

function drawRow(row: Row, lane: Lane, start: number, end: number): void {
  write(row.name, lane.name)
  row.name.title = lane.outcome === undefined ? lane.place : `Branch ${lane.outcome}`
  fill(row.track, ...laneBars(lane, start, end))
  write(row.words, laneWords(lane))
}
