/** What a piece of work has used up. Agents report it for every model call; a state can report its own. */
export interface Usage {
  /** Who used it. @default the state's name */
  readonly agent?: string
  /** What was used: a model, an API. */
  readonly model: string
  /** @default 0 */
  readonly inputTokens?: number
  /** @default 0 */
  readonly outputTokens?: number
  /** What it cost, if that is known already; otherwise a price table can say. In the currency of the budget. */
  readonly cost?: number
}
