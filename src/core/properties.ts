/** Values that the states of one run share (S4-37). */
export interface RunProperties {
  /** The value under `key`: what this step wrote, else what committed steps wrote. */
  get<T = unknown>(key: string): T | undefined
  has(key: string): boolean
  /**
   * Writes take effect for others when this step is committed; a step that fails writes nothing. Where branches that run side
   * by side write one key, the one whose token is later in order wins, whatever the timing.
   */
  set(key: string, value: unknown): void
  delete(key: string): void
}

/** What one step wrote. `undefined` as a value means: deleted. */
export type PropertyWrites = ReadonlyMap<string, unknown>

/** The run's committed values, each with the place in token order of the step that wrote it. */
export interface PropertyEntry {
  readonly value: unknown
  readonly order: readonly number[]
}
