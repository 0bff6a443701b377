/** Where each run of a graph begins: its output is what the nodes find there. */
export const beginState = 'workflow.begin'

/** Where each run of a graph ends: its output is the result. */
export const endState = 'workflow.end'

/** What the names of states begin with that belong to no node. */
export const internalPrefix = 'workflow.'

/** The turn of a loop. */
export const turnState = `${internalPrefix}turn`

/** What has a time for all of its runs to keep. */
export const boundedState = `${internalPrefix}bounded`

/** Where a layer ends. */
export function layerState(index: number): string {
  return `workflow.layer.${index + 1}`
}

/** Prepares the input of a node that is a run of its own or waits. */
export function prepareState(id: string): string {
  return `${id}.input`
}

/** Ends the run after a rejection or an expiry that nothing takes up. */
export function refusedState(id: string): string {
  return `${id}.refused`
}

/** The node that a state belongs to; the state's own name if it belongs to none. */
export function nodeIdOf(stateName: string): string {
  return stateName.replace(/\.(?:input|refused)$/, '')
}

/** The node that a state of a workflow stands for; `undefined` for those that only lead from layer to layer, or from turn to turn. */
export function nodeIdOfState(stateName: string): string | undefined {
  const id = nodeIdOf(stateName)
  return id.startsWith(internalPrefix) ? undefined : id
}

/** The nodes that some states, each inside the one before, stand for. */
export function nodeIdsOf(stateNames: readonly string[]): readonly string[] {
  return stateNames.map(nodeIdOfState).filter(id => id !== undefined)
}

/** The property that says that a node was skipped, and why. */
export function skippedKey(id: string): string {
  return `workflow.skipped:${id}`
}

/** The property that has the error of a node that failed while the run went on. */
export function failedKey(id: string): string {
  return `workflow.failed:${id}`
}

/** The property that has the limit of a run's cost. */
export const maxBudgetKey = 'workflow.max_budget'
