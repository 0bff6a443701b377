/** Something of an orchestration that its definition in JSON does not say. */
export interface Unsaid {
  /** The state it is about; missing if it is about the whole. */
  readonly state?: string
  readonly message: string
}
