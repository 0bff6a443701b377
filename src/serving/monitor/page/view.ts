import { h } from './element.js'

/** What a page of the monitor is made of: it fills its outlet, and stops everything when the signal is aborted. */
export type View = (outlet: HTMLElement, signal: AbortSignal) => void | Promise<void>

/** The first heading of a view: where the focus goes when people come there. */
export function viewTitle(text: string): HTMLHeadingElement {
  document.title = `${text} – Monitor`
  return h('h1', { tabindex: -1 }, text)
}

/** Gives the focus to an element, or to the first heading if there is none, after what had it has gone. */
export function focusOn(element: HTMLElement | null | undefined): void {
  const place = element ?? document.querySelector('h1')
  place?.focus({ preventScroll: true })
}

/** What is shown where there is nothing to show: why, and the way out. */
export function emptyState(text: string, ...ways: readonly Node[]): HTMLElement {
  return h('div', { class: 'empty' }, h('p', {}, text), ...ways)
}
