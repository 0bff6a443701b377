import type { OptionNames } from '../errors/internal.js'

/** The settings of a standard orchestrator, by their usual names. */
export interface GraphConfig {
  /** How many stages a run may visit; one more fails it. @default 100 */
  readonly maxCycles?: number
  /** The stage that a run starts with. @default 'ingestion' */
  readonly entryNode?: string
  /** How long a run may take, in seconds; then it fails. @default no limit */
  readonly timeout?: number
}

/** Every key of {@link GraphConfig}. */
export const graphConfigNames: OptionNames<GraphConfig> = { maxCycles: true, entryNode: true, timeout: true }
