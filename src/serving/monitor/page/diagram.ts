import { announce } from './announce.js'
import { runPath } from './api.js'
import { DiagramMarks } from './diagram-marks.js'
import { fill, h, write } from './element.js'
import { firstOf } from './format.js'
import { loadPicture } from './picture.js'
import { wordsFor } from './refusal.js'
import { linkTo } from './router.js'
import type { RunParts } from './run-parts.js'
import { RunTally } from './run-tally.js'
import { type RunView, type RunWords, runWords } from './run-words.js'

const legend = ({ skipped }: RunWords) =>
  [
    ['active', 'At work'],
    ['waiting', 'Waiting'],
    ['visited', 'Done'],
    ['failed', 'Failed'],
    ['skipped', skipped],
  ] as const

/** The way to what a workflow is compiled to, and back. */
function otherView(runId: string, view: RunView): HTMLElement {
  const [other, name] = view === 'nodes' ? ['states', 'Show internals'] : [undefined, 'Show nodes']
  return h('a', { class: 'button small', href: linkTo(['runs', runId], { view: other }) }, name)
}

/** The states of a run and the ways between them, with what happened there up to the moment that is looked at. */
export function diagram(parts: RunParts): HTMLElement {
  const { runId, signal, shown, chosenState, view, details } = parts
  const words = runWords[view]
  const box = h(
    'div',
    { class: 'diagram', tabindex: 0, role: 'region', 'aria-label': words.diagram },
    h('p', { class: 'hint' }, 'Drawing …'),
  )
  const now = h('p', { class: 'now' })
  const size = h('button', { type: 'button', class: 'small', 'aria-pressed': 'false' }, 'Full size')
  size.addEventListener('click', () => {
    const isFull = box.classList.toggle('full-size')
    size.setAttribute('aria-pressed', String(isFull))
  })
  const key = h('ul', { class: 'legend' }, ...legend(words).map(([mark, name]) => h('li', { 'data-mark': mark }, name)))
  void draw().catch((thrown: unknown) => {
    if (!signal.aborted) fill(box, h('p', { class: 'hint' }, `There is no diagram. ${wordsFor(thrown)}`))
  })

  async function draw(): Promise<void> {
    const picture = await loadPicture(runPath(runId, 'graph'), { format: 'svg', trace: 'false', view }, signal)
    fill(box, picture)
    const marks = new DiagramMarks(picture)
    let tally = new RunTally()
    let done = 0
    shown.watch(({ all, end }) => {
      if (end < done) {
        tally = new RunTally()
        done = 0
      }
      for (; done < end; done++) tally.add(all[done] as (typeof all)[number])
      marks.show(tally)
      tellNow(tally)
    }, signal)
    chosenState.watch(name => marks.choose(name), signal)
    picture.addEventListener('click', event => {
      const name = (event.target as Element).closest('[data-state]')?.getAttribute('data-state') ?? undefined
      chosenState.set(name === chosenState.value ? undefined : name)
    })
  }

  function tellNow(tally: RunTally): void {
    const current = [...tally.states.values()].filter(state => ['active', 'waiting'].includes(tally.markOf(state)))
    const names = [...new Set(current.map(({ name }) => name))]
    const text = names.length === 0 ? '' : `Now at ${firstOf(names)}`
    if (text !== '' && text !== now.textContent) announce(text)
    write(now, text)
  }

  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'states-title' },
    h(
      'div',
      { class: 'card-head' },
      h('h2', { id: 'states-title' }, words.title),
      now,
      details.value.workflow_id !== undefined && otherView(runId, view),
      size,
    ),
    box,
    key,
  )
}
