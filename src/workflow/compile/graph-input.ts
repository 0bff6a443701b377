/** What the nodes of a graph find there: the input of the workflow's run, or what a body is given for a turn. Plain JSON. */
export interface GraphInput {
  /** The input of the workflow. */
  readonly input: unknown
  /** `previous`, `item`, `index` and `last`, as far as there are any. */
  readonly vars: Readonly<Record<string, unknown>>
  /** The outputs of nodes around the body, by id. */
  readonly outputs: Readonly<Record<string, unknown>>
  /** Those of them that came right before the body. */
  readonly before: readonly string[]
}
