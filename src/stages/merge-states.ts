import { ensureError, OrchestrationError } from '../errors/index.js'
import type { BaseGraphState, StateUsage } from './base-graph-state.js'
import { ownValue } from './own-value.js'
import type { StateReducer } from './parallel-group.js'
import { StageConflictError } from './stage-conflict-error.js'
import type { StateCopies } from './state-copies.js'

/** What a member of a group has made of the state. */
export interface MemberState<S> {
  readonly member: string
  readonly state: S
}

/** What is merged, and how. */
export interface Merging<S extends BaseGraphState> {
  readonly group: string
  readonly base: S
  readonly members: readonly MemberState<S>[]
  readonly rules: Readonly<Record<string, StateReducer<never> | undefined>>
  readonly copies: StateCopies<S>
}

type Fields = Record<string, unknown>

/** A value as one member left it. */
interface Change {
  readonly member: string
  readonly value: unknown
}

const kept: ReadonlySet<string> = new Set([
  'latencies',
  'usage',
  'executionPath',
  'cycleCount',
  'stateHash',
  'parentHash',
])
const byKey: ReadonlySet<string> = new Set(['nodeReports', 'context'])

/**
 * Makes one state of those that the members of a group have left behind: a three-way merge against the state before the group.
 * @throws StageConflictError
 */
export function mergeStates<S extends BaseGraphState>(merging: Merging<S>): S {
  const { base, members, rules, copies } = merging
  const merged = copies.copy(base)
  const fields = merged as unknown as Fields
  const changes = members.map(({ member, state }): Change => ({ member, value: state }))
  for (const property of keysOf(base, members)) {
    if (kept.has(property)) continue
    const was = (base as unknown as Fields)[property]
    const now = changes.map(change => ({ ...change, value: (change.value as Fields)[property] }))
    const changed = now.filter(({ value }) => copies.text(value) !== copies.text(was))
    const reducer = ownValue(rules, property)
    if (changed.length === 0) continue
    if (reducer !== undefined) {
      fields[property] = reduced(merging, property, reducer, was, changed)
    } else if (byKey.has(property)) fields[property] = mergeRecord(merging, property, was as Fields, changed)
    else fields[property] = copies.copy(agreed(merging, property, changed))
  }
  mergeKept(merged, base, members)
  return merged
}

function reduced<S extends BaseGraphState>(
  { group, copies }: Merging<S>,
  property: string,
  reducer: StateReducer<never>,
  was: unknown,
  changed: readonly Change[],
): unknown {
  const values = changed.map(({ value }) => copies.copy(value))
  try {
    return reducer(copies.copy(was) as never, values as never)
  } catch (thrown) {
    const cause = ensureError(thrown)
    const message = `Group "${group}": the reducer for \`${property}\` failed: ${cause.message}`
    const members = changed.map(({ member }) => member)
    throw new OrchestrationError(message, { code: 'STATE_FAILED', details: { group, property, members }, cause })
  }
}

function mergeRecord<S extends BaseGraphState>(
  merging: Merging<S>,
  property: string,
  was: Fields,
  changes: readonly Change[],
): Fields {
  const { copies } = merging
  const merged = { ...was }
  const keys = new Set([was, ...changes.map(({ value }) => value as Fields)].flatMap(record => Object.keys(record)))
  for (const key of keys) {
    const changed = changes
      .map(({ member, value }) => ({ member, value: ownValue(value as Fields, key) }))
      .filter(({ value }) => copies.text(value) !== copies.text(ownValue(was, key)))
    if (changed.length === 0) continue
    const value = copies.copy(agreed(merging, `${property}.${key}`, changed))
    if (value === undefined) delete merged[key]
    else merged[key] = value
  }
  return merged
}

/** The one value that all have come to who have changed something. */
function agreed<S extends BaseGraphState>(
  { group, copies }: Merging<S>,
  property: string,
  changed: readonly Change[],
): unknown {
  const [first] = changed
  const text = copies.text(first?.value)
  if (changed.every(({ value }) => copies.text(value) === text)) return first?.value
  throw new StageConflictError(
    group,
    property,
    changed.map(({ member }) => member),
  )
}

function mergeKept<S extends BaseGraphState>(merged: S, base: S, members: readonly MemberState<S>[]): void {
  for (const { state } of members) {
    merged.executionPath = [...merged.executionPath, ...state.executionPath.slice(base.executionPath.length)]
    merged.cycleCount += state.cycleCount - base.cycleCount
    merged.usage = added(merged.usage, state.usage, base.usage)
    for (const [stage, ms] of Object.entries(state.latencies)) {
      const before = ownValue(base.latencies, stage)
      if (ms === before) continue
      merged.latencies[stage] = (ownValue(merged.latencies, stage) ?? 0) + ms - (before ?? 0)
    }
  }
}

function added(sum: StateUsage, more: StateUsage, less: StateUsage): StateUsage {
  return {
    promptTokens: sum.promptTokens + more.promptTokens - less.promptTokens,
    completionTokens: sum.completionTokens + more.completionTokens - less.completionTokens,
    totalTokens: sum.totalTokens + more.totalTokens - less.totalTokens,
  }
}

function keysOf<S extends BaseGraphState>(base: S, members: readonly MemberState<S>[]): ReadonlySet<string> {
  return new Set([base, ...members.map(({ state }) => state)].flatMap(state => Object.keys(state)))
}
