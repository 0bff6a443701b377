import { fill, h } from './element.js'

let timer: ReturnType<typeof setTimeout> | undefined
let waiting: string | undefined

/** Tells screen readers something; of what comes within a second only the last is told. */
export function announce(text: string): void {
  waiting = text
  timer ??= setTimeout(() => {
    timer = undefined
    const place = document.getElementById('announcer')
    if (place !== null && waiting !== undefined) place.textContent = waiting
  }, 1000)
}

/** Shows what has gone wrong, or well, until it is dismissed; what went well goes by itself. */
export function notify(text: string, kind: 'error' | 'success' = 'error'): void {
  const place = document.getElementById('notices')
  if (place === null) return
  const notice = h(
    'div',
    { class: `notice notice-${kind}`, role: kind === 'error' ? 'alert' : 'status' },
    h('p', {}, text),
    h('button', { type: 'button', class: 'quiet', 'aria-label': 'Dismiss', onclick: () => notice.remove() }, '✕'),
  )
  place.append(notice)
  while (place.childElementCount > 4) place.firstElementChild?.remove()
  if (kind === 'success') setTimeout(() => notice.remove(), 6000)
}

/** Takes all notices away, and what was told to screen readers: it was about what was shown before. */
export function clearNotices(): void {
  waiting = undefined
  const told = document.getElementById('announcer')
  if (told !== null) told.textContent = ''
  const place = document.getElementById('notices')
  if (place !== null) fill(place)
}
