import { fill, h, write } from './element.js'
import { between, durationOf, moneyOf, numberOf, timeElement } from './format.js'
import { linkTo } from './router.js'
import { runActions } from './run-actions.js'
import { nameOf } from './run-name.js'
import type { RunParts } from './run-parts.js'
import { isOver, statusBadge } from './status-badge.js'
import { viewTitle } from './view.js'
import type { RunDetails } from './wire.js'

const streamWords = {
  connecting: 'Connecting …',
  live: 'Live',
  ended: '',
  lost: 'Connection lost. It is tried again …',
}

/** What a run is, how it stands, and what can be done with it. */
export function runHead(parts: RunParts): readonly HTMLElement[] {
  const { details, feed, signal } = parts
  const status = h('span', { class: 'status' })
  const live = h('span', { class: 'live-mark', role: 'status' })
  const facts = h('dl', { class: 'summary' })
  const failure = h('div', { class: 'banner banner-failed', role: 'alert', hidden: true })
  let shownStatus = ''
  details.watch(run => {
    if (run.status !== shownStatus) fill(status, statusBadge(run.status))
    shownStatus = run.status
    fill(facts, ...factsOf(run))
    showFailure(failure, run, parts)
  }, signal)
  feed.count.watch(() => showFailure(failure, details.value, parts), signal)
  feed.state.watch(state => {
    live.dataset['state'] = state
    write(live, streamWords[state])
  }, signal)
  return [
    h(
      'nav',
      { 'aria-label': 'Breadcrumb', class: 'breadcrumb' },
      h('a', { href: '#/runs' }, 'Runs'),
      h('span', { 'aria-hidden': 'true' }, '/'),
      h('span', { class: 'id' }, details.value.execution_id),
    ),
    h('div', { class: 'view-head' }, viewTitle(nameOf(details.value)), status, live, runActions(parts)),
    facts,
    failure,
  ]
}

function factsOf(run: RunDetails): readonly Node[] {
  const { created_at: created, updated_at: updated, total_cost_usd: cost, max_budget: budget, parent } = run
  const { workflow_id: workflow, workflow_version: version, status, seq } = run
  const spent = budget === undefined ? moneyOf(cost) : `${moneyOf(cost)} of ${moneyOf(budget)}`
  return [
    ...fact('Started', timeElement(created)),
    ...(isOver(status)
      ? fact('Took', durationOf(between(created, updated)))
      : fact('Elapsed', durationOf(Date.now() - Date.parse(created)))),
    ...fact('Cost', spent),
    ...fact('Journal', `${numberOf(seq)} entries`),
    ...(workflow === undefined ? [] : fact('Workflow', `version ${version ?? 1}`)),
    ...(parent === undefined
      ? []
      : fact(
          'Forked from',
          h(
            'a',
            { href: linkTo(['runs', parent.execution_id]) },
            `entry ${parent.seq} of ${parent.execution_id.slice(0, 8)}`,
          ),
        )),
  ]
}

function fact(name: string, value: Node | string): readonly Node[] {
  return [h('div', {}, h('dt', {}, name), h('dd', {}, value))]
}

/** Why a run has failed, and where. */
function showFailure(banner: HTMLElement, { status, error }: RunDetails, { feed, chosenState }: RunParts): void {
  banner.hidden = status !== 'failed' || error === undefined
  if (banner.hidden || error === undefined) return
  const failed = feed.events.findLast(({ type, path }) => type === 'state.failed' && path === undefined)
  const state = failed?.state_name
  if (banner.dataset['state'] === (state ?? '')) return
  banner.dataset['state'] = state ?? ''
  const show = h(
    'button',
    {
      type: 'button',
      class: 'link',
      onclick: () => {
        chosenState.set(state)
        document.getElementById('events-title')?.scrollIntoView({ block: 'start' })
      },
    },
    `Show the events of ${state}`,
  )
  fill(
    banner,
    h('strong', {}, state === undefined ? 'The run has failed. ' : `Failed in ${state}. `),
    h('span', {}, error.message),
    error.code === undefined ? null : h('code', {}, error.code),
    state === undefined ? null : show,
  )
}
