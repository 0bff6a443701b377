import { s, write } from './element.js'
import { type RunTally, type StateTally, stateKey, transitionKey } from './run-tally.js'

interface MarkedState {
  readonly group: SVGGElement
  readonly name: string
  readonly count: CountLabel
}

interface MarkedWay {
  readonly groups: readonly SVGGElement[]
  readonly count: (text: string) => void
}

/** Finds the states and ways of a picture, and marks them with what a run did. */
export class DiagramMarks {
  readonly #states = new Map<string, MarkedState>()
  readonly #ways = new Map<string, MarkedWay>()
  readonly #entries: readonly SVGGElement[]

  constructor(picture: SVGSVGElement) {
    for (const group of picture.querySelectorAll<SVGGElement>('[data-state]')) {
      const name = group.dataset['state'] ?? ''
      this.#states.set(stateKey(pathOf(group), name), { group, name, count: new CountLabel(group) })
    }
    const groups = new Map<string, SVGGElement[]>()
    for (const group of picture.querySelectorAll<SVGGElement>('[data-advancer]')) {
      const { from = '', to = '', advancer = '', onError } = group.dataset
      const key = transitionKey(pathOf(group), from, to, advancer, onError === 'true')
      groups.set(key, [...(groups.get(key) ?? []), group])
    }
    for (const [key, found] of groups) this.#ways.set(key, { groups: found, count: countOf(found) })
    this.#entries = [...picture.querySelectorAll<SVGGElement>('[data-from=""]')]
  }

  show(tally: RunTally): void {
    for (const [key, { group, count }] of this.#states) {
      const state = tally.states.get(key)
      group.dataset['mark'] = tally.markOf(state)
      count.show(countText(state))
    }
    for (const [key, { groups, count }] of this.#ways) {
      const taken = tally.transitions.get(key) ?? 0
      for (const group of groups) {
        group.dataset['taken'] = String(taken > 0)
        group.classList.toggle('last', key === tally.lastTransition)
      }
      count(taken > 1 ? `×${taken}` : '')
    }
    for (const entry of this.#entries) entry.dataset['taken'] = 'true'
  }

  /** Marks the state whose events are shown. */
  choose(name: string | undefined): void {
    for (const state of this.#states.values()) state.group.classList.toggle('chosen', state.name === name)
  }
}

function countText(state: StateTally | undefined): string {
  if (state === undefined) return ''
  const { visits, failures, retries } = state
  const parts = [
    visits > 1 ? `×${visits}` : '',
    failures > 0 ? `${failures} failed` : '',
    retries > 0 ? `${retries} retried` : '',
  ]
  return parts.filter(Boolean).join(' · ')
}

/** The names of the states around it. */
function pathOf(element: Element): readonly string[] {
  const path: string[] = []
  for (let each = element.parentElement?.closest<SVGGElement>('[data-state]'); each; ) {
    path.unshift(each.dataset['state'] ?? '')
    each = each.parentElement?.closest<SVGGElement>('[data-state]')
  }
  return path
}

/** How often something happened, as a label on the upper right corner of a state. */
class CountLabel {
  readonly #text = s('text', { 'text-anchor': 'end' })
  readonly #back = s('rect', { rx: 8, height: 16 })
  readonly #right: number
  readonly #top: number

  constructor(group: SVGGElement) {
    const { x, y, width } = (group.querySelector('rect, polygon') as SVGGraphicsElement).getBBox()
    this.#right = x + width + 8
    this.#top = y - 9
    this.#back.setAttribute('y', String(this.#top))
    this.#text.setAttribute('x', String(this.#right - 6))
    this.#text.setAttribute('y', String(this.#top + 12))
    group.append(s('g', { class: 'tally' }, this.#back, this.#text))
  }

  show(text: string): void {
    if (this.#text.textContent === text) return
    write(this.#text, text)
    const width = text === '' ? 0 : this.#text.getComputedTextLength() + 12
    this.#back.setAttribute('width', String(width))
    this.#back.setAttribute('x', String(this.#right - width))
  }
}

/** What writes how often a way was taken: behind its label, or beside the middle of its arrow. */
function countOf(groups: readonly SVGGElement[]): (text: string) => void {
  const label = groups[1]?.querySelector('text:last-of-type')
  if (label !== null && label !== undefined) {
    const own = label.textContent ?? ''
    return text => write(label, text === '' ? own : `${own} ${text}`)
  }
  const arrow = groups[0]?.querySelector('path')
  if (arrow === null || arrow === undefined) return () => undefined
  const { x, y } = arrow.getPointAtLength(arrow.getTotalLength() / 2)
  const beside = s('text', { x: x + 7, y: y + 4, 'font-size': 11 })
  groups[0]?.append(beside)
  return text => write(beside, text)
}
