/** In which words a run is shown: those of its workflow, or of the states that run. */
export type RunView = 'nodes' | 'states'

/** What is said of a run in each. */
export interface RunWords {
  readonly part: string
  readonly title: string
  readonly diagram: string
  readonly lane: string
  readonly lanes: string
  readonly timeline: string
  readonly outputs: string
  readonly skipped: string
}

/** What the page says of the parts of a run. */
export const runWords: Readonly<Record<RunView, RunWords>> = {
  nodes: {
    part: 'Node',
    title: 'Workflow',
    diagram: 'Diagram of the workflow',
    lane: 'Node',
    lanes: 'nodes',
    timeline: 'Nodes over time',
    outputs: 'Outputs of nodes',
    skipped: 'Skipped',
  },
  states: {
    part: 'State',
    title: 'States',
    diagram: 'State diagram',
    lane: 'Branch',
    lanes: 'branches',
    timeline: 'Branches over time',
    outputs: 'Outputs of states',
    skipped: 'Stopped',
  },
}
