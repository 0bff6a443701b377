import type { Artifact, Message, Part, Task, TaskStatus } from '@a2a-js/sdk'
import type { OpenRunRequest, RunRecord } from '../../durability/index.js'
import { openRequests } from '../answer-request.js'
import { executionBody, requestBody } from '../rest/execution-view.js'
import { type ServerContext, workflowTags } from '../server-context.js'
import { wireTime } from '../wire-value.js'
import type { A2aSdk } from './a2a-package.js'

/** The label of a run that says to which conversation it belongs. */
export const contextTag = 'a2a_context'

/** The conversation that a run belongs to; one that was not begun over A2A is one of its own. */
export function contextOf({ runId, tags }: Pick<RunRecord, 'runId' | 'tags'>): string {
  return tags[contextTag] ?? runId
}

/** Shows runs as tasks. */
export class TaskView {
  readonly #sdk: A2aSdk
  readonly #server: ServerContext

  constructor(sdk: A2aSdk, server: ServerContext) {
    this.#sdk = sdk
    this.#server = server
  }

  /** A run as the task that it is. */
  async task(record: RunRecord): Promise<Task> {
    const ended = record.status === 'completed' || record.status === 'failed'
    const { output, error } = ended ? await executionBody(this.#server, record) : {}
    return {
      ...this.#ids(record),
      status: await this.#status(record, error?.message),
      artifacts: output === undefined || output === null ? [] : [artifactOf(output)],
      history: [],
      metadata: metadataOf(record),
    }
  }

  /** A task that has just begun. */
  submitted(record: RunRecord): Task {
    const status = {
      state: this.#sdk.TaskState.TASK_STATE_SUBMITTED,
      message: undefined,
      timestamp: wireTime(record.createdAt),
    }
    return { ...this.#ids(record), status, artifacts: [], history: [], metadata: metadataOf(record) }
  }

  /** That a task is being worked on, and what is being done. */
  working(record: RunRecord, at: number, text: string): TaskStatus {
    const message = this.said(record, [textPart(text)])
    return { state: this.#sdk.TaskState.TASK_STATE_WORKING, message, timestamp: wireTime(at) }
  }

  /** Something that the agent says about a task. */
  said({ runId, tags }: RunRecord, parts: Part[]): Message {
    return {
      messageId: globalThis.crypto.randomUUID(),
      contextId: contextOf({ runId, tags }),
      taskId: runId,
      role: this.#sdk.Role.ROLE_AGENT,
      parts,
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [],
    }
  }

  async #status(record: RunRecord, failure: string | undefined): Promise<TaskStatus> {
    const { TaskState } = this.#sdk
    const timestamp = wireTime(record.updatedAt)
    switch (record.status) {
      case 'completed':
        return { state: TaskState.TASK_STATE_COMPLETED, message: undefined, timestamp }
      case 'failed': {
        const message = this.said(record, [textPart(failure ?? 'The task has failed.')])
        return { state: TaskState.TASK_STATE_FAILED, message, timestamp }
      }
      case 'cancelled':
        return { state: TaskState.TASK_STATE_CANCELED, message: undefined, timestamp }
      default: {
        const open = await openRequests(this.#server, record)
        if (open.length === 0) {
          const message = record.status === 'paused' ? this.said(record, [textPart('It is paused.')]) : undefined
          return { state: TaskState.TASK_STATE_WORKING, message, timestamp }
        }
        const message = this.said(record, this.#questions(open, record))
        return { state: TaskState.TASK_STATE_INPUT_REQUIRED, message, timestamp }
      }
    }
  }

  #questions(open: readonly OpenRunRequest[], record: RunRecord): Part[] {
    const which = open.length === 1 ? '' : ', with the request_id of the one that you mean'
    const lines = open.map(({ kind, message, stateName, requestId }) => {
      const id = open.length === 1 ? '' : ` (request_id ${requestId})`
      return kind === 'approval'
        ? `${message}${id} Answer "approve" or "reject"${which}.`
        : `"${stateName}" waits for a message${id}.`
    })
    const requests = open.map(request => requestBody(this.#server, request, record))
    return [textPart(lines.join('\n')), dataPart({ requests })]
  }

  #ids({ runId, tags }: RunRecord): Pick<Task, 'id' | 'contextId'> {
    return { id: runId, contextId: contextOf({ runId, tags }) }
  }
}

function metadataOf({ orchestration, tags }: RunRecord): Record<string, unknown> {
  return { skill_id: tags[workflowTags.id] ?? orchestration }
}

function artifactOf(output: unknown): Artifact {
  const part = typeof output === 'string' ? textPart(output) : dataPart(output)
  return { artifactId: 'output', name: 'output', description: '', parts: [part], metadata: undefined, extensions: [] }
}

/** @internal */
export function textPart(value: string): Part {
  return { content: { $case: 'text', value }, metadata: undefined, filename: '', mediaType: 'text/plain' }
}

function dataPart(value: unknown): Part {
  return { content: { $case: 'data', value }, metadata: undefined, filename: '', mediaType: 'application/json' }
}
