import { notify } from './announce.js'
import { ask, runPath } from './api.js'
import { fill, h, write } from './element.js'
import { timeElement } from './format.js'
import { jsonBox, shortJson, textBox } from './json-text.js'
import { occupy } from './occupied.js'
import { wordsFor } from './refusal.js'
import { linkTo } from './router.js'
import { nameOf } from './run-name.js'
import type { OpenRequest } from './wire.js'

/** How the cards of requests behave. */
export interface RequestCardOptions {
  /** Whether they lead to their runs. */
  readonly showRun: boolean
  readonly answered: () => void
}

/** How much of what is asked a title takes; more of it has a box to be scrolled in. */
const titleRoom = 300

let count = 0

/** A request with everything that is needed for answering it: what is asked, about what, and the buttons. */
export function requestCard(request: OpenRequest, { showRun, answered }: RequestCardOptions): HTMLElement {
  const { execution_id: runId, request_id: id, kind, node_id: node, message, input } = request
  const prefix = `request-${++count}`
  const problem = h('p', { class: 'field-error', role: 'alert' })
  const text = h('textarea', { id: `${prefix}-text`, rows: 2, 'aria-describedby': `${prefix}-title` })
  const title = h(
    showRun ? 'h2' : 'h3',
    { id: `${prefix}-title` },
    message === '' ? `${node} waits for a message` : shortJson(message, titleRoom),
  )
  const buttons: HTMLButtonElement[] = []
  const send = async (body: unknown, words: string): Promise<void> => {
    const free = occupy(...buttons)
    if (free === undefined) return
    try {
      await ask(runPath(runId, 'requests', id), { method: 'POST', body })
      notify(words, 'success')
      answered()
    } catch (thrown) {
      free()
      write(problem, wordsFor(thrown))
    }
  }
  const decide = (approved: boolean): Promise<void> => {
    const reason = text.value.trim()
    return send({ approved, ...(reason === '' ? {} : { reason }) }, `${node}: ${approved ? 'approved' : 'rejected'}.`)
  }
  const sendMessage = (): Promise<void> => {
    try {
      return send({ payload: JSON.parse(text.value) }, `${node}: the message was sent.`)
    } catch (thrown) {
      write(problem, `This is not JSON: ${(thrown as Error).message}.`)
      return Promise.resolve()
    }
  }
  const add = (name: string, className: string, act: () => Promise<void>): void => {
    buttons.push(
      h(
        'button',
        { type: 'button', class: className, onclick: () => void act(), 'aria-describedby': `${prefix}-title` },
        name,
      ),
    )
  }
  if (kind === 'approval') {
    add('Approve', 'primary', () => decide(true))
    add('Reject', 'danger', () => decide(false))
  } else add('Send', 'primary', sendMessage)
  const label = kind === 'approval' ? 'Comment (optional)' : 'Message, as JSON'
  const card = h('article', { class: 'card request', tabindex: -1, 'aria-labelledby': `${prefix}-title` })
  const about = h(
    'div',
    { class: 'stack' },
    title,
    h(
      'p',
      { class: 'hint' },
      ...(showRun ? [h('a', { href: linkTo(['runs', runId]) }, nameOf(request)), ' · '] : []),
      `${node} · asked `,
      timeElement(request.requested_at),
      ...(request.expires_at === undefined ? [] : [' · until ', timeElement(request.expires_at)]),
    ),
    message.length > titleRoom && textBox(message, 'The whole of what is asked', 'group'),
    input !== null && jsonBox(input, 'What it is about', 'group'),
  )
  const answer = h(
    'div',
    { class: 'stack' },
    h('div', { class: 'field' }, h('label', { for: `${prefix}-text` }, label), text),
    problem,
    h('div', { class: 'actions' }, ...buttons),
  )
  fill(card, h('div', { class: 'request-parts' }, about, answer))
  return card
}
