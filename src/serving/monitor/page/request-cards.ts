import { announce } from './announce.js'
import { h } from './element.js'
import { counted } from './format.js'
import { type RequestCardOptions, requestCard } from './request-card.js'
import { focusOn } from './view.js'
import type { OpenRequest } from './wire.js'

/** Cards of open requests; one stays the same element, with what was typed into it, for as long as its request is open. */
export class RequestCards {
  readonly element = h('ul', { class: 'cards' })
  readonly #cards = new Map<string, HTMLElement>()
  readonly #options: RequestCardOptions

  constructor(options: RequestCardOptions) {
    this.#options = options
    this.element.hidden = true
  }

  show(requests: readonly OpenRequest[]): void {
    const wanted = new Map(requests.map(request => [`${request.execution_id}\n${request.request_id}`, request]))
    let hadFocus = false
    for (const [key, card] of this.#cards) {
      if (wanted.has(key)) continue
      hadFocus ||= card.contains(document.activeElement)
      card.remove()
      this.#cards.delete(key)
    }
    let added = 0
    for (const [key, request] of wanted) {
      if (this.#cards.has(key)) continue
      const card = h('li', {}, requestCard(request, this.#options))
      this.#cards.set(key, card)
      this.element.append(card)
      added++
    }
    this.element.hidden = wanted.size === 0
    if (hadFocus) focusOn(this.element.querySelector('article'))
    if (added > 0) announce(`${counted(added, 'request')} waiting for an answer`)
  }
}
