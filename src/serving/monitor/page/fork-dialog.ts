import { notify } from './announce.js'
import { ask, runPath } from './api.js'
import { h, write } from './element.js'
import { numberOf } from './format.js'
import { occupy } from './occupied.js'
import { wordsFor } from './refusal.js'
import { goTo } from './router.js'
import type { RunParts } from './run-parts.js'
import type { RunState } from './wire.js'

/** Asks how a run is to be forked, forks it, and goes to the fork. */
export async function forkDialog({ runId, signal }: RunParts, at: number): Promise<void> {
  let before: RunState
  try {
    before = await ask<RunState>(runPath(runId, 'state'), { query: { at }, signal })
  } catch (thrown) {
    return notify(wordsFor(thrown))
  }
  const properties = h('textarea', {
    id: 'fork-properties',
    rows: 8,
    spellcheck: 'false',
    'aria-describedby': 'fork-hint',
  })
  properties.value = JSON.stringify(before.properties, null, 2)
  const resume = h('input', { type: 'checkbox', id: 'fork-resume', checked: true })
  const problem = h('p', { class: 'field-error', role: 'alert' })
  const button = h('button', { class: 'primary' }, 'Fork')
  const dialog = h(
    'dialog',
    { 'aria-labelledby': 'fork-title' },
    h(
      'form',
      {
        onsubmit: (event: Event) => {
          event.preventDefault()
          void fork()
        },
      },
      h('h2', { id: 'fork-title' }, `Fork after entry ${numberOf(at)}`),
      h('p', {}, 'A copy of the run goes on from there; the run itself stays as it is.'),
      h(
        'div',
        { class: 'field' },
        h('label', { for: 'fork-properties' }, 'Properties of the run, as JSON'),
        properties,
      ),
      h('p', { class: 'hint', id: 'fork-hint' }, 'What you change is different in the fork from there on.'),
      h('p', { class: 'field-inline' }, resume, h('label', { for: 'fork-resume' }, 'Let it go on at once')),
      problem,
      h('div', { class: 'actions' }, button, h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel')),
    ),
  )
  const fork = async (): Promise<void> => {
    const free = occupy(button)
    if (free === undefined) return
    try {
      const changed = changes(before.properties, properties.value)
      const edits = Object.keys(changed).length === 0 ? {} : { edits: { properties: changed } }
      const { execution_id: id } = await ask<{ readonly execution_id: string }>(runPath(runId, 'fork'), {
        method: 'POST',
        body: { at, ...edits, resume: resume.checked },
      })
      dialog.close()
      goTo(['runs', id])
    } catch (thrown) {
      free()
      properties.setAttribute('aria-invalid', String(thrown instanceof SyntaxError))
      write(
        problem,
        thrown instanceof SyntaxError ? `The properties are not JSON: ${thrown.message}.` : wordsFor(thrown),
      )
    }
  }
  dialog.addEventListener('close', () => dialog.remove())
  signal.addEventListener('abort', () => dialog.close(), { once: true })
  document.body.append(dialog)
  dialog.showModal()
}

/** What is different from before. @throws SyntaxError */
function changes(before: Readonly<Record<string, unknown>>, text: string): Readonly<Record<string, unknown>> {
  const edited: unknown = JSON.parse(text.trim() === '' ? '{}' : text)
  if (typeof edited !== 'object' || edited === null || Array.isArray(edited))
    throw new SyntaxError('an object is needed')
  const gone = Object.keys(before).find(name => !Object.hasOwn(edited, name))
  if (gone !== undefined) throw new SyntaxError(`"${gone}" is missing; a fork can change a property, not remove it`)
  return Object.fromEntries(
    Object.entries(edited).filter(([name, value]) => JSON.stringify(before[name]) !== JSON.stringify(value)),
  )
}
