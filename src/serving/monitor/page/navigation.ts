import { accessToken, keepToken, signedOut } from './access-token.js'
import { ask } from './api.js'
import { fill, h, write } from './element.js'
import { repeat } from './repeat.js'
import { currentPlace } from './router.js'
import { themeSwitch } from './theme.js'
import type { OpenRequest } from './wire.js'

const places = [
  { name: 'runs', title: 'Runs' },
  { name: 'approvals', title: 'Approvals' },
  { name: 'start', title: 'Start a run' },
] as const

/** The bar at the top: where one can go, how many approvals wait, and the switches. */
export function navigation(): void {
  const count = h('span', { class: 'count', hidden: true })
  const waiting = h('span', { class: 'visually-hidden', hidden: true }, ' waiting')
  const links = places.map(({ name, title }) =>
    h('a', { href: `#/${name}` }, title, ...(name === 'approvals' ? [count, waiting] : [])),
  )
  const markCurrent = (): void => {
    const [place = 'runs'] = currentPlace().parts
    for (const [index, link] of links.entries()) {
      if (places[index]?.name === place) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
  }
  fill(document.getElementById('nav') as HTMLElement, ...links.map(link => h('li', {}, link)))
  const signOut = h('button', { type: 'button', class: 'small', hidden: accessToken() === undefined }, 'Sign out')
  signOut.addEventListener('click', () => {
    keepToken(undefined)
    location.reload()
  })
  fill(document.getElementById('tools') as HTMLElement, signOut, themeSwitch())
  addEventListener('hashchange', markCurrent)
  markCurrent()
  const forever = new AbortController().signal
  const refresh = repeat(() => countApprovals(count, waiting), 4000, forever)
  signedOut.watch(isSignedOut => {
    signOut.hidden = isSignedOut || accessToken() === undefined
    if (!isSignedOut) refresh()
  }, forever)
}

async function countApprovals(count: HTMLElement, waiting: HTMLElement): Promise<void> {
  if (signedOut.value) return
  const { approvals, next_cursor: next } = await ask<{
    readonly approvals: readonly OpenRequest[]
    readonly next_cursor?: string
  }>('approvals', { query: { limit: 100 } })
  count.hidden = approvals.length === 0
  waiting.hidden = count.hidden
  write(count, `${approvals.length}${next === undefined ? '' : '+'}`)
}
