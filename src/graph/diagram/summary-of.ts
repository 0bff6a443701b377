import { counted, duration, money } from './amounts.js'
import type { RunTrace, StateTrace } from './run-trace.js'

/**
 * A run as text: how it ended, and a table of its states, those that used most tokens first, then those that took longest.
 * States of sub-orchestrations are written with their path. Columns for tokens, cost, retries and failures appear only if there
 * is something in them. Ends with a line break.
 */
export function summaryOf(trace: RunTrace): string {
  const columns = columnsOf(trace)
  const rows = trace.states.toSorted(mostTokensFirst).map(state => columns.map(column => column.cell(state)))
  const table = [columns.map(column => column.title), ...rows]
  const widths = columns.map((_, index) => Math.max(...table.map(row => Array.from(row[index] as string).length)))
  const lines = table.map(row =>
    row.map((cell, index) => padded(cell, widths[index] as number, index === 0)).join('  '),
  )
  return [headline(trace), '', ...lines.map(line => line.trimEnd()), ''].join('\n')
}

interface Column {
  readonly title: string
  readonly cell: (state: StateTrace) => string
}

function columnsOf(trace: RunTrace): readonly Column[] {
  const any = (field: 'retries' | 'failures' | 'skipped' | 'unfinished') => trace.states.some(state => state[field] > 0)
  const tokens = trace.inputTokens + trace.outputTokens > 0
  const optional: readonly (readonly [boolean, Column])[] = [
    [any('failures'), { title: 'failures', cell: state => String(state.failures) }],
    [any('retries'), { title: 'retries', cell: state => String(state.retries) }],
    [any('skipped'), { title: 'skipped', cell: state => String(state.skipped) }],
    [any('unfinished'), { title: 'unfinished', cell: state => String(state.unfinished) }],
    [tokens, { title: 'tokens in', cell: state => String(state.inputTokens) }],
    [tokens, { title: 'tokens out', cell: state => String(state.outputTokens) }],
    [trace.cost > 0, { title: 'cost', cell: state => money(state.cost) }],
  ]
  return [
    { title: 'state', cell: state => oneLine([...state.path, state.stateName].join(' / ')) },
    { title: 'visits', cell: state => String(state.visits) },
    { title: 'time', cell: state => duration(state.totalMs) },
    ...optional.flatMap(([shown, column]) => (shown ? [column] : [])),
  ]
}

function headline({ orchestration, outcome, reason, durationMs, inputTokens, outputTokens, cost }: RunTrace): string {
  const tokens = inputTokens + outputTokens
  const parts = [
    `${oneLine(orchestration)}: ${outcome}${reason === undefined ? '' : ` (${oneLine(reason)})`}`,
    duration(durationMs),
    ...(tokens > 0 ? [counted(tokens, 'token')] : []),
    ...(cost > 0 ? [`cost ${money(cost)}`] : []),
  ]
  return parts.join(', ')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

function mostTokensFirst(a: StateTrace, b: StateTrace): number {
  return b.inputTokens + b.outputTokens - (a.inputTokens + a.outputTokens) || b.totalMs - a.totalMs
}

function padded(cell: string, width: number, left: boolean): string {
  const missing = ' '.repeat(width - Array.from(cell).length)
  return left ? cell + missing : missing + cell
}
