import { signedOut } from './access-token.js'
import { clearNotices, notify } from './announce.js'
import { approvalsView } from './approvals-view.js'
import { fill } from './element.js'
import { navigation } from './navigation.js'
import { wordsFor } from './refusal.js'
import { currentPlace, type Place } from './router.js'
import { runListView } from './run-list-view.js'
import { runView } from './run-view.js'
import { signInView } from './sign-in-view.js'
import { startView } from './start-view.js'
import { applyTheme } from './theme.js'
import { emptyState, type View, viewTitle } from './view.js'

const main = document.getElementById('main') as HTMLElement
let leaving = new AbortController()
let isFirst = true

function viewOf({ parts: [place, id], query }: Place): View {
  if (signedOut.value) return signInView(() => signedOut.set(false))
  if (place === undefined || (place === 'runs' && id === undefined)) return runListView(query)
  if (place === 'runs' && id !== undefined) return runView(id, query)
  if (place === 'approvals') return approvalsView
  if (place === 'start') return startView(query)
  return outlet => fill(outlet, viewTitle('Not found'), emptyState('There is no such page here.'))
}

/** Shows what the address names, and ends what was shown before. */
function show(): void {
  leaving.abort()
  leaving = new AbortController()
  clearNotices()
  const { signal } = leaving
  const outlet = document.createElement('div')
  outlet.className = 'view'
  main.replaceChildren(outlet)
  const failed = (thrown: unknown): void => {
    if (!signal.aborted) notify(wordsFor(thrown))
  }
  try {
    Promise.resolve(viewOf(currentPlace())(outlet, signal)).catch(failed)
  } catch (thrown) {
    failed(thrown)
  }
  // Whoever follows a link with the keyboard or a screen reader is to be where it led.
  if (!isFirst) (outlet.querySelector('h1') ?? main).focus({ preventScroll: true })
  if (!isFirst) scrollTo(0, 0)
  isFirst = false
}

document.querySelector('.skip-link')?.addEventListener('click', event => {
  // The address is the router's.
  event.preventDefault()
  main.focus()
})
addEventListener('hashchange', show)
applyTheme()
navigation()
let wasSignedOut = false
signedOut.watch(isSignedOut => {
  if (isSignedOut !== wasSignedOut) show()
  wasSignedOut = isSignedOut
}, new AbortController().signal)
show()
