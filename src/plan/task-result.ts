/** How a task has ended: done, failed, or done in part. */
export type TaskStatus = 'success' | 'failure' | 'partial'

/** What an agent has come to (S3-41). Plain JSON. */
export interface TaskResult {
  /** The id of the {@link AgentTask}. */
  readonly taskId: string
  readonly status: TaskStatus
  /** The result itself, plain JSON; `null` if there is none. */
  readonly data: unknown
  /** Whatever the agent tells about it: a model's name, tokens, sources. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** What went wrong, in words; of `failure` and `partial`. */
  readonly errors?: readonly string[]
}
