import { ask } from './api.js'
import { fill, h, write } from './element.js'
import { wordsFor } from './refusal.js'
import { repeat } from './repeat.js'
import { RequestCards } from './request-cards.js'
import { learnNames } from './run-name.js'
import { emptyState, type View, viewTitle } from './view.js'
import type { OpenRequest } from './wire.js'

/** Everything that waits for a person, of all runs, the oldest first. */
export const approvalsView: View = (outlet, signal) => {
  const cards = new RequestCards({ showRun: true, answered: () => again() })
  const empty = h('div')
  const trouble = h('p', { class: 'banner banner-failed', hidden: true })
  fill(outlet, viewTitle('Approvals'), trouble, cards.element, empty)
  const again = repeat(
    async () => {
      try {
        const { approvals } = await ask<{ readonly approvals: readonly OpenRequest[] }>('approvals', {
          query: { limit: 100 },
          signal,
        })
        await learnNames(approvals, signal)
        trouble.hidden = true
        cards.show(approvals)
        fill(
          empty,
          approvals.length === 0 && emptyState('Nothing waits for a decision. Runs that ask for one appear here.'),
        )
      } catch (thrown) {
        if (signal.aborted) return
        trouble.hidden = false
        write(trouble, wordsFor(thrown))
        throw thrown
      }
    },
    2000,
    signal,
  )
}
