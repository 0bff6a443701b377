import { compareSteps, editsIn, type RunTrace, type StepTrace } from './run-trace.js'
import type { StoredFact } from './stored-fact.js'

/** Where two runs begin to differ. Values are as they are stored: JSON, an instance as `{ $: 'ClassName', v: { … } }`. */
export interface RunDifference {
  /**
   * `edit`: one of them was edited by hand; `input`, `output`, `answer`: another value; `decision`: the output was sent elsewhere, or
   * converted differently; `outcome`: a step ended in another way, for example failed in one of them only.
   */
  readonly kind: 'edit' | 'input' | 'output' | 'answer' | 'decision' | 'outcome'
  /**
   * The step, `start` for a run's input, `end` for its result, `0:1/#name` for a question of a step; with the tokens of the steps
   * around it, separated by slashes.
   */
  readonly token: string
  /** Where in the value the difference is, for example `moves[0].input.title`. */
  readonly path: string
  readonly a: unknown
  readonly b: unknown
  /** The same as a sentence. */
  readonly message: string
}

/** The first difference in the order of decisions; `undefined` if there is none as far as both have come. */
export function firstDifference(a: RunTrace, b: RunTrace): RunDifference | undefined {
  const edit = firstEdit(a, b)
  if (edit !== undefined) return edit
  const shared = [...a.steps.keys()].filter(key => b.steps.has(key)).map(key => a.steps.get(key) as StepTrace)
  for (const { path, facts } of shared.sort(compareSteps)) {
    const token = path.join('/')
    const others = (b.steps.get(token) as StepTrace).facts
    const [left, right] = [comparable(facts, a.runId), comparable(others, b.runId)]
    for (let i = 0; i < Math.min(left.length, right.length); i++) {
      const difference = factDifference(token, left[i] as StoredFact, right[i] as StoredFact)
      if (difference !== undefined) return difference
    }
  }
  return undefined
}

/** What was edited in one and not in the other is what all else follows from. */
function firstEdit(a: RunTrace, b: RunTrace): RunDifference | undefined {
  for (let i = 0; i < Math.max(a.edits.length, b.edits.length); i++) {
    const [one, other] = [a.edits[i], b.edits[i]]
    if (JSON.stringify(one) === JSON.stringify(other)) continue
    const edit = other ?? (one as StoredFact)
    const token = tokenOfEdit(edit)
    const message = `${other === undefined ? 'The first' : 'The second'} run was edited: ${describeEdit(edit)}.`
    return { kind: 'edit', token, path: '', a: one, b: other, message }
  }
  return undefined
}

function factDifference(token: string, a: StoredFact, b: StoredFact): RunDifference | undefined {
  if (a.type !== b.type) {
    const message = `Step ${token} ${happened(a)} in the first run, and ${happened(b)} in the second.`
    return { kind: 'outcome', token, path: '', a, b, message }
  }
  const found = jsonDifference(a, b, '')
  if (found === undefined) return undefined
  const kind = kindOf(a, b)
  const [left, right] = [shorten(found.a), shorten(found.b)]
  const message = `The ${kind} of step ${token} differs at ${found.path}: ${left} in the first run, ${right} in the second.`
  return { kind, token, ...found, message }
}

/** The facts of a step without what is no decision: when something is due, what the run is called, what cleaning up came to. */
function comparable(facts: readonly StoredFact[], runId: string): readonly StoredFact[] {
  let output: unknown
  return facts.map(({ until: _until, hookFailures: _hookFailures, usage: _usage, ...fact }) => {
    if (fact.type === 'completed' || fact.type === 'answered') output = fact['output']
    if (fact.type === 'failed' || 'failure' in fact) return nameless(fact, runId) as StoredFact
    if (fact.type !== 'advanced' || output === undefined) return fact as StoredFact
    const moves = (fact['moves'] as readonly Readonly<Record<string, unknown>>[]).map(({ same, ...move }) =>
      same === true ? { ...move, input: output } : move,
    )
    return { ...fact, moves }
  })
}

/** An error inside a run says in which one. */
function nameless(json: unknown, runId: string): unknown {
  if (typeof json === 'string') return json === runId || json.startsWith(`${runId}/`) ? json.slice(runId.length) : json
  if (Array.isArray(json)) return json.map(item => nameless(item, runId))
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, nameless(value, runId)]))
}

function happened(fact: StoredFact): string {
  if (fact.type === 'stuck') return 'found no way on'
  if (fact.type !== 'failed') return fact.type === 'waiting' ? 'waited' : `was ${fact.type}`
  const { v } = fact['error'] as { readonly v?: { readonly message?: unknown } }
  return `failed with ${shorten(v?.message)}`
}

function kindOf(a: StoredFact, b: StoredFact): RunDifference['kind'] {
  switch (a.type) {
    case 'started':
    case 'waiting':
    case 'asked':
      return 'input'
    case 'completed':
      return 'output'
    case 'ended':
      return 'failure' in a || 'failure' in b ? 'outcome' : 'output'
    case 'answered':
    case 'replied':
      return 'answer'
    default:
      return a.type === 'failed' ? 'outcome' : 'decision'
  }
}

interface Found {
  readonly path: string
  readonly a: unknown
  readonly b: unknown
}

/** The first place at which two JSON values differ. */
function jsonDifference(a: unknown, b: unknown, path: string): Found | undefined {
  if (
    typeof a !== 'object' ||
    typeof b !== 'object' ||
    a === null ||
    b === null ||
    Array.isArray(a) !== Array.isArray(b)
  ) {
    return Object.is(a, b) ? undefined : { path, a, b }
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const at = Array.isArray(a) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
    const found = jsonDifference(own(left, key), own(right, key), at)
    if (found !== undefined) return found
  }
  return undefined
}

function own(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

function tokenOfEdit(edit: StoredFact): string {
  const [first] = [...editsIn(edit, 'outputs'), ...editsIn(edit, 'inputs')]
  const run = (edit['run'] ?? []) as readonly string[]
  return first === undefined ? [...run, 'start'].join('/') : [...run, `${first.branch}:${first.step}`].join('/')
}

function describeEdit(edit: StoredFact): string {
  const parts = [
    ...editsIn(edit, 'inputs').map(each => `input of ${each.branch}:${each.step} is ${shorten(each.value)}`),
    ...editsIn(edit, 'outputs').map(each => `output of ${each.branch}:${each.step} is ${shorten(each.value)}`),
    ...((edit['writes'] ?? []) as readonly (readonly [string, unknown])[]).map(
      ([key, value]) => `property "${key}" is ${shorten(value)}`,
    ),
  ]
  return parts.join('; ')
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
