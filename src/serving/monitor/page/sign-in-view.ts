import { keepToken } from './access-token.js'
import { ask } from './api.js'
import { fill, h, write } from './element.js'
import { Refusal, wordsFor } from './refusal.js'
import { type View, viewTitle } from './view.js'

/** Asks for a token, tries it, and keeps it for this tab. */
export function signInView(done: () => void): View {
  return outlet => {
    const input = h('input', {
      id: 'token',
      type: 'password',
      autocomplete: 'off',
      required: true,
      spellcheck: 'false',
    })
    const problem = h('p', { class: 'field-error', id: 'token-problem', role: 'alert' })
    const form = h(
      'form',
      { class: 'card narrow' },
      h('p', {}, 'This server answers only those it knows. Enter a token that it was configured with.'),
      h('label', { for: 'token' }, 'Access token'),
      input,
      problem,
      h('p', { class: 'hint' }, 'It is kept in this tab and sent to this server only.'),
      h('button', { class: 'primary' }, 'Sign in'),
    )
    form.addEventListener('submit', event => {
      event.preventDefault()
      void tryToken(input, problem, done)
    })
    fill(outlet, viewTitle('Sign in'), form)
    input.focus()
  }
}

async function tryToken(input: HTMLInputElement, problem: HTMLElement, done: () => void): Promise<void> {
  const token = input.value.trim()
  if (token === '') return
  try {
    if (/[^\x21-\x7e]/.test(token)) throw new Refusal(401, '')
    keepToken(token)
    await ask('approvals', { query: { limit: 1 } })
    done()
  } catch (thrown) {
    keepToken(undefined)
    const isUnknown = thrown instanceof Refusal && thrown.status === 401
    write(
      problem,
      isUnknown ? 'The server does not know this token. Check that all of it was copied.' : wordsFor(thrown),
    )
    input.setAttribute('aria-invalid', 'true')
    input.setAttribute('aria-describedby', 'token-problem')
    input.select()
  }
}
