import { h } from './element.js'

const words: Readonly<Record<string, string>> = {
  pending: 'Pending',
  running: 'Running',
  paused: 'Paused',
  waiting: 'Waiting',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  skipped: 'Skipped',
}

/** A status in a word; its colour says the same. */
export function statusBadge(status: string): HTMLElement {
  return h('span', { class: 'badge', 'data-status': status }, words[status] ?? status)
}

/** Whether nothing comes any more of a run in this status. */
export function isOver(status: string): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}
