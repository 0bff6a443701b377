import { h, write } from './element.js'
import { forkDialog } from './fork-dialog.js'
import { numberOf, timeOf } from './format.js'
import type { JournalEntries } from './journal-entries.js'
import type { RunParts } from './run-parts.js'
import { isOver } from './status-badge.js'

/** The slider over the journal of a run: everything else on the page shows the run as it was at the entry that is chosen. */
export function timeTravel(parts: RunParts, entries: JournalEntries): HTMLElement {
  const { moment, details, signal } = parts
  const slider = h('input', { type: 'range', id: 'moment', min: 1, max: 1, step: 1, value: 1 })
  const place = h('output', { for: 'moment', class: 'moment-place' })
  const step = (by: number, name: string, sign: string): HTMLButtonElement =>
    h(
      'button',
      { type: 'button', class: 'small square', 'aria-label': name, onclick: () => travel(Number(slider.value) + by) },
      sign,
    )
  const before = step(-1, 'One entry back', '‹')
  const after = step(1, 'One entry on', '›')
  const now = h('button', { type: 'button', class: 'small live', onclick: () => moment.set(undefined) }, 'Now')
  const fork = h(
    'button',
    { type: 'button', class: 'small', onclick: () => void forkDialog(parts, Number(slider.value)) },
    'Fork from here',
  )

  const last = (): number => Math.max(1, details.value.seq)
  const travel = (to: number): void => moment.set(to >= last() ? undefined : Math.max(1, to))
  slider.addEventListener('input', () => travel(Number(slider.value)))

  const show = (): void => {
    const at = moment.value ?? last()
    const isNow = moment.value === undefined
    slider.max = String(last())
    slider.value = String(at)
    // Not `disabled`: who has come to an end by them is to keep the focus.
    before.ariaDisabled = String(at <= 1)
    after.ariaDisabled = String(at >= last())
    now.setAttribute('aria-pressed', String(isNow))
    write(now, isOver(details.value.status) ? 'End' : 'Now')
    element.classList.toggle('in-the-past', !isNow)
    tell(at, isNow ? details.value.updated_at : undefined)
    if (isNow) return
    void entries.find(at).then(
      found => (moment.value === at ? tell(at, found.at) : undefined),
      () => undefined,
    )
  }
  const tell = (at: number, time: string | undefined): void => {
    const words = `Entry ${numberOf(at)} of ${numberOf(last())}${time === undefined ? '' : `, ${timeOf(time)}`}`
    write(place, words)
    slider.setAttribute('aria-valuetext', words)
  }
  const element = h(
    'section',
    { class: 'card time-travel', 'aria-label': 'Time travel' },
    h('label', { for: 'moment' }, 'Time travel'),
    before,
    slider,
    after,
    place,
    now,
    fork,
  )
  details.watch(show, signal)
  moment.watch(show, signal)
  return element
}
