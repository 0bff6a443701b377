import { compareSteps, type RunTrace, type StepTrace, type StoredFact } from './run-trace.js'

/** Where two runs begin to differ. Values are as they are stored: JSON, an instance as `{ $: 'ClassName', v: { … } }`. */
export interface RunDifference {
  /**
   * `edit`: one of them was edited by hand; `input`, `output`, `answer`: another value; `decision`: the output was sent elsewhere, or
   * converted differently; `outcome`: a step ended in another way, for example failed in one of them only.
   */
  readonly kind: 'edit' | 'input' | 'output' | 'answer' | 'decision' | 'outcome'
  /** The step, `start` for the run's input; with the tokens of the steps around it, separated by slashes. */
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
  for (const step of shared.sort(compareSteps)) {
    const token = step.path.join('/')
    const other = b.steps.get(token) as StepTrace
    const length = Math.min(step.facts.length, other.facts.length)
    for (let i = 0; i < length; i++) {
      const difference = factDifference(token, step.facts[i] as StoredFact, other.facts[i] as StoredFact)
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
    const message = `Step ${token} has ${a.type} in the first run and ${b.type} in the second.`
    return { kind: 'outcome', token, path: '', a, b, message }
  }
  const found = jsonDifference(comparable(a), comparable(b), '')
  if (found === undefined) return undefined
  const kind = kindOf(a.type)
  const [left, right] = [shorten(found.a), shorten(found.b)]
  const message = `The ${kind} of step ${token} differs at ${found.path}: ${left} in the first run, ${right} in the second.`
  return { kind, token, ...found, message }
}

/** When something is due is no decision. */
function comparable({ until: _until, ...rest }: StoredFact): unknown {
  return rest
}

function kindOf(type: string): RunDifference['kind'] {
  if (type === 'started' || type === 'waiting') return 'input'
  if (type === 'completed') return 'output'
  if (type === 'answered') return 'answer'
  return type === 'failed' ? 'outcome' : 'decision'
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
    const found = jsonDifference(left[key], right[key], at)
    if (found !== undefined) return found
  }
  return undefined
}

function tokenOfEdit(edit: StoredFact): string {
  const values = [...listOf(edit['outputs']), ...listOf(edit['inputs'])]
  const [first] = values
  const run = (edit['run'] ?? []) as readonly string[]
  return first === undefined ? [...run, 'start'].join('/') : [...run, `${first.branch}:${first.step}`].join('/')
}

function describeEdit(edit: StoredFact): string {
  const parts = [
    ...listOf(edit['inputs']).map(each => `input of ${each.branch}:${each.step} is ${shorten(each.value)}`),
    ...listOf(edit['outputs']).map(each => `output of ${each.branch}:${each.step} is ${shorten(each.value)}`),
    ...((edit['writes'] ?? []) as readonly (readonly [string, unknown])[]).map(
      ([key, value]) => `property "${key}" is ${shorten(value)}`,
    ),
  ]
  return parts.join('; ')
}

function listOf(
  values: unknown,
): readonly { readonly branch: string; readonly step: number; readonly value: unknown }[] {
  return (values ?? []) as readonly { readonly branch: string; readonly step: number; readonly value: unknown }[]
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
