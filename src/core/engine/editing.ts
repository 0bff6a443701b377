import type { EditedFact } from './fact.js'
import type { RunState } from './run-state.js'

/** Changes properties, and the inputs of steps that have no output yet. What is edited wins over what was written before. */
export function edit(state: RunState, { writes, inputs }: EditedFact): void {
  for (const [key, value] of writes ?? []) (state.properties ??= new Map()).set(key, { value, order: [] })
  for (const { branch: id, step, input } of inputs) {
    const branch = state.branches.get(id)
    if (branch === undefined || branch.step !== step || branch.phase === 'routing') continue
    branch.input = input
    branch.checked = undefined
  }
}
