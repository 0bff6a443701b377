import type { EditedFact, EditedValue } from './fact.js'
import type { Branch, RunState } from './run-state.js'

/** Changes properties, and the inputs of steps that have no output yet. What is edited is older than whatever a step writes. */
export function edit(state: RunState, { writes, inputs }: EditedFact): void {
  for (const [key, value] of writes ?? []) (state.properties ??= new Map()).set(key, { value, order: [] })
  for (const each of inputs) {
    const branch = edited(state, each)
    if (branch === undefined || branch.phase === 'routing') continue
    branch.input = each.value
    branch.checked = undefined
  }
}

/** The branch that an edit is about, if it is still at that step. */
export function edited(state: RunState, { branch: id, step }: EditedValue): Branch | undefined {
  const branch = state.branches.get(id)
  return branch?.step === step ? branch : undefined
}
