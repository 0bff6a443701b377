import { h } from './element.js'
import { durationOf } from './format.js'
import type { Lane, LaneVisit } from './lanes.js'

/** A stretch of time as it is shown: one visit, or several that are too short to be told apart. */
interface Bar {
  readonly visit: LaneVisit
  readonly left: number
  right: number
  count: number
  outcome: string
}

const narrowest = 0.4

/** The bars of a lane, in percent of the time from `start` to `end`. */
export function laneBars({ visits }: Lane, start: number, end: number): readonly HTMLElement[] {
  const share = 100 / Math.max(1, end - start)
  const bars: Bar[] = []
  for (const visit of visits) {
    const left = (visit.start - start) * share
    const right = Math.max(left + narrowest, ((visit.end ?? end) - start) * share)
    const last = bars.at(-1)
    const { outcome } = visit
    if (last !== undefined && left < last.right + narrowest / 2 && right - left <= 1 && last.right - last.left <= 3) {
      last.right = Math.max(last.right, right)
      last.count++
      if (outcome === 'failed' || last.outcome === 'visited') last.outcome = outcome
    } else bars.push({ visit, left, right, count: 1, outcome })
  }
  return bars.map(bar => barElement(bar, end, share, start))
}

/** What a lane says to those who do not see it. */
export function laneWords({ visits }: Lane): string {
  const told = visits.slice(-12).map(({ state, start, end, outcome, waits }) => {
    if (end === undefined) return `${state}, ${waits === undefined ? 'at work' : 'waiting'}`
    return `${state}, ${durationOf(end - start)}${outcome === 'visited' ? '' : `, ${outcome}`}`
  })
  const before = visits.length - told.length
  return `${before > 0 ? `${before} visits before; ` : ''}${told.join('; ')}`
}

function barElement(
  { visit, left, right, count, outcome }: Bar,
  end: number,
  share: number,
  start: number,
): HTMLElement {
  const { state, waits } = visit
  const took = durationOf((visit.end ?? end) - visit.start)
  const name = count > 1 ? `${count} visits` : state
  const bar = h(
    'span',
    { class: 'bar', 'data-outcome': outcome, title: count > 1 ? name : `${state}, ${took}` },
    h('span', {}, name),
  )
  bar.style.left = `${Math.min(left, 100 - narrowest)}%`
  bar.style.width = `${Math.max(narrowest, Math.min(right, 100) - left)}%`
  if (waits !== undefined && count === 1) {
    const wait = h('span', { class: 'wait' })
    const from = (waits - start) * share
    wait.style.left = `${right > left ? Math.min(100, Math.max(0, ((from - left) / (right - left)) * 100)) : 0}%`
    bar.prepend(wait)
  }
  return bar
}
