import { announce, notify } from './announce.js'
import { ask } from './api.js'
import { fill, h, write } from './element.js'
import { counted } from './format.js'
import { Refusal, wordsFor } from './refusal.js'
import { repeat } from './repeat.js'
import { replaceQuery } from './router.js'
import { filterBar, type RunFilters } from './run-filters.js'
import { learnNames, nameOf } from './run-name.js'
import { RunRows } from './run-rows.js'
import { emptyState, type View, viewTitle } from './view.js'
import type { RunSummary } from './wire.js'

const pageSize = 50

interface RunPage {
  readonly executions: readonly RunSummary[]
  readonly next_cursor?: string
}

/** All runs, the youngest first, as they change. */
export function runListView(query: URLSearchParams): View {
  return (outlet, signal) => {
    const rows = new RunRows()
    const count = h('p', { class: 'hint', 'aria-live': 'polite' })
    const empty = h('div')
    const more = h('button', { type: 'button', hidden: true }, 'Show older runs')
    const trouble = h('p', { class: 'banner banner-failed', hidden: true })
    let older: RunSummary[] = []
    let cursor: string | undefined
    let youngest: readonly RunSummary[] = []
    let filters: RunFilters
    let asked = 0

    const request = (from: string | undefined): Promise<RunPage> => {
      const { status, what } = filters
      const kindEnd = what.indexOf(':')
      const wanted = what === '' ? {} : { [what.slice(0, kindEnd)]: what.slice(kindEnd + 1) }
      return ask<RunPage>('executions', { query: { limit: pageSize, cursor: from, status, ...wanted }, signal })
    }
    const draw = (): void => {
      const known = new Set(youngest.map(run => run.execution_id))
      const all = [...youngest, ...older.filter(run => !known.has(run.execution_id))]
      const shown = all.filter(run => matches(run, filters.text))
      rows.show(shown)
      rows.element.hidden = shown.length === 0
      more.hidden = cursor === undefined
      write(
        count,
        shown.length === 0 ? '' : `${counted(shown.length, 'run')} shown${cursor ? ', and there are older ones' : ''}`,
      )
      fill(empty, shown.length === 0 && nothing(all.length, filters, cursor !== undefined))
    }
    const refresh = async (): Promise<void> => {
      const turn = ++asked
      try {
        const page = await request(undefined)
        if (turn !== asked || signal.aborted) return
        trouble.hidden = true
        if (older.length === 0) cursor = page.next_cursor
        youngest = page.executions
        await learnNames(youngest, signal)
        draw()
      } catch (thrown) {
        if (signal.aborted || turn !== asked) return
        trouble.hidden = false
        write(
          trouble,
          thrown instanceof Refusal && thrown.status === 0 ? `${thrown.message} It is tried again.` : wordsFor(thrown),
        )
        throw thrown
      }
    }
    const bar = filterBar(query, signal, chosen => {
      const isFirst = filters === undefined
      const isSameQuestion = !isFirst && filters.status === chosen.status && filters.what === chosen.what
      filters = chosen
      if (isFirst) return
      replaceQuery('runs', { ...chosen })
      if (isSameQuestion) return draw()
      older = []
      again()
    })
    filters = bar.filters
    const showOlder = async (): Promise<void> => {
      const page = await request(cursor)
      await learnNames(page.executions, signal)
      older = [...older, ...page.executions]
      cursor = page.next_cursor
      draw()
      announce(`${counted(page.executions.length, 'run')} more`)
    }
    more.addEventListener('click', () => void showOlder().catch((thrown: unknown) => notify(wordsFor(thrown))))
    fill(
      outlet,
      h(
        'div',
        { class: 'view-head' },
        viewTitle('Runs'),
        h('a', { class: 'button primary', href: '#/start' }, 'Start a run'),
      ),
      bar.element,
      trouble,
      count,
      rows.element,
      empty,
      h('div', { class: 'more' }, more),
    )
    const again = repeat(refresh, 2000, signal)
  }
}

function matches(run: RunSummary, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const { execution_id: id, workflow_id: workflow = '', current_nodes: nodes } = run
  const all = [id, nameOf(run), workflow, ...nodes].join(' ').toLowerCase()
  return words.every(word => all.includes(word))
}

function nothing(loaded: number, { status, what, text }: RunFilters, hasMore: boolean): HTMLElement {
  const start = h('a', { class: 'button', href: '#/start' }, 'Start a run')
  if (loaded > 0 && hasMore) return emptyState('None of the runs loaded so far has this text. Older ones may.')
  if (status + what + text === '')
    return emptyState('There are no runs yet. Start one here, by the API or the command line.', start)
  return emptyState('No run matches the filters. Clear some of them to see more.')
}
