/** What a state of a run has reported in all, of one agent and model. */
export interface RecordedUsage {
  readonly stateName: string
  readonly agent: string
  readonly model: string
  /** How many reports there were. */
  readonly reports: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** The sum of the costs that were reported; missing if none was. */
  readonly cost?: number
}
