import type { AgentTask } from './agent-task.js'
import { plainData } from './plain-data.js'
import type { TaskResult, TaskStatus } from './task-result.js'

const statuses: readonly unknown[] = ['success', 'failure', 'partial'] satisfies readonly TaskStatus[]

/**
 * The result of a task, made of what an agent has returned: a {@link TaskResult} as it is, anything else as the data of a success. What
 * an agent returns becomes plain JSON: instances become objects, dates ISO texts, `undefined` becomes `null`.
 * @throws PAYLOAD_NOT_SERIALIZABLE, with the path, for what has no JSON form, such as a function or a `Map`
 */
export function taskResultOf(task: AgentTask, returned: unknown): TaskResult {
  const what = `The result of the task "${task.id}" (${task.type})`
  if (!isTaskResult(returned))
    return { taskId: task.id, status: 'success', data: plainData(returned, what), metadata: {} }
  const { status, data, metadata, errors } = returned
  return {
    taskId: task.id,
    status,
    data: plainData(data, what),
    metadata: plainData(metadata ?? {}, `The metadata of the task "${task.id}"`) as Readonly<Record<string, unknown>>,
    ...(errors === undefined ? {} : { errors: errors.map(String) }),
  }
}

/** A result may come from another program, so its metadata may be missing. */
function isTaskResult(value: unknown): value is Omit<TaskResult, 'metadata'> & Partial<Pick<TaskResult, 'metadata'>> {
  if (typeof value !== 'object' || value === null) return false
  const { taskId, status, errors } = value as Partial<Record<keyof TaskResult, unknown>>
  return typeof taskId === 'string' && statuses.includes(status) && (errors === undefined || Array.isArray(errors))
}
