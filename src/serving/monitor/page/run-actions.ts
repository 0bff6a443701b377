import { notify } from './announce.js'
import { ask, runPath } from './api.js'
import { h } from './element.js'
import { occupy } from './occupied.js'
import { wordsFor } from './refusal.js'
import type { RunParts } from './run-parts.js'
import { isOver } from './status-badge.js'
import { focusOn } from './view.js'

const words = { pause: 'The run is paused.', resume: 'The run goes on.', cancel: 'The run is cancelled.' } as const

/** What can be done with a run as it is: pause, resume, cancel. */
export function runActions({ runId, details, refresh, signal }: RunParts): HTMLElement {
  const act = async (action: keyof typeof words): Promise<void> => {
    const free = occupy(...buttons)
    if (free === undefined) return
    try {
      await ask(runPath(runId, action), { method: 'POST', body: {} })
      notify(words[action], 'success')
    } catch (thrown) {
      notify(wordsFor(thrown))
    }
    free()
    refresh()
  }
  const pause = h('button', { type: 'button', onclick: () => void act('pause') }, 'Pause')
  const resume = h('button', { type: 'button', class: 'primary', onclick: () => void act('resume') }, 'Resume')
  const cancel = h(
    'button',
    { type: 'button', class: 'danger', onclick: () => confirmCancel(() => void act('cancel')) },
    'Cancel',
  )
  const buttons = [pause, resume, cancel]
  details.watch(({ status, pending_approvals: approvals }) => {
    const focused = buttons.find(button => button === document.activeElement)
    const isWaiting = status === 'paused' && approvals.length > 0
    pause.hidden = status !== 'running'
    // What waits for a decision is decided on below; going on would mean to approve everything.
    resume.hidden = status !== 'paused' || isWaiting
    cancel.hidden = isOver(status)
    if (focused?.hidden === true) focusOn(buttons.find(({ hidden }) => !hidden))
  }, signal)
  return h('div', { class: 'actions' }, ...buttons)
}

function confirmCancel(confirmed: () => void): void {
  const dialog = h(
    'dialog',
    { 'aria-labelledby': 'cancel-title' },
    h('h2', { id: 'cancel-title' }, 'Cancel this run?'),
    h('p', {}, 'What is at work is aborted. A cancelled run cannot be resumed; it can be forked.'),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', class: 'danger', onclick: () => finish(true) }, 'Cancel the run'),
      h('button', { type: 'button', onclick: () => finish(false) }, 'Leave it running'),
    ),
  )
  const finish = (isConfirmed: boolean): void => {
    dialog.close()
    if (isConfirmed) confirmed()
  }
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}
