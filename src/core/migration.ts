/** Changes a stored run of one version of an orchestration so that it fits the next. */
export type Migration = (run: StoredRun) => void

/**
 * A run as it is stored, for a {@link Migration} to change. Values are plain JSON: an instance is `{ $: 'ClassName', v: { … } }`.
 */
export interface StoredRun {
  /** The names of the states that its branches are at, each once. */
  readonly states: readonly string[]
  /** Gives a state another name: what is at it, what it has returned. A branch at a state that is gone needs this. */
  renameState(from: string, to: string): void
  /** Changes what the branches at a state have been given, or will be given again. */
  mapInput(state: string, change: (input: unknown) => unknown): void
  /** Changes the last output of a state. */
  mapOutput(state: string, change: (output: unknown) => unknown): void
  /** Changes a property; `undefined` from `change` deletes it. */
  mapProperty(key: string, change: (value: unknown) => unknown): void
  /** Gives a class another name wherever a value is of it. */
  renameClass(from: string, to: string): void
}
