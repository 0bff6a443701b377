import type { ListTasksRequest, ListTasksResponse, TaskState } from '@a2a-js/sdk'
import type { RunQuery } from '../../durability/index.js'
import type { Principal } from '../principal.js'
import { filteredPage } from '../rest/paging.js'
import { isOf, type ServerContext, tenantTag } from '../server-context.js'
import type { A2aSdk } from './a2a-package.js'
import { malformed } from './message-content.js'
import { contextTag, TaskView } from './task-view.js'

/**
 * A page of the tasks of a tenant, the youngest first. How many there are on all pages is told only by the one page that has all of them.
 * @throws Problem 400
 */
export async function listedTasks(
  sdk: A2aSdk,
  server: ServerContext,
  { tenant }: Principal,
  request: ListTasksRequest,
): Promise<ListTasksResponse> {
  const { contextId, pageSize: given, pageToken, statusTimestampAfter: after, includeArtifacts = false } = request
  const pageSize = given === undefined || given === 0 ? 50 : given
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 100)
    throw malformed('pageSize has to be from 1 to 100.')
  const since = after === undefined ? undefined : Date.parse(after)
  if (Number.isNaN(since)) throw malformed('statusTimestampAfter has to be a time in ISO 8601.')
  const query: RunQuery = {
    // What has no label belongs to the default tenant, so its own cannot be asked for by label.
    tags: {
      ...(tenant === 'default' ? {} : { [tenantTag]: tenant }),
      ...(contextId === '' ? {} : { [contextTag]: contextId }),
    },
    ...(since === undefined ? {} : { updated: { from: since + 1 } }),
    ...inState(sdk, request.status),
  }
  const view = new TaskView(sdk, server)
  const page = await filteredPage(
    { limit: pageSize, ...(pageToken === '' ? {} : { cursor: pageToken }) },
    async (limit, cursor) => {
      const { runs, next } = await server.host.store.list({
        ...query,
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      })
      return { items: runs, next }
    },
    async record => (isOf(record, tenant) ? view.task(record) : undefined),
  )
  const tasks = page.items.map(task => (includeArtifacts ? task : { ...task, artifacts: [] }))
  const isAll = pageToken === '' && page.next === undefined
  return { tasks, nextPageToken: page.next ?? '', pageSize, totalSize: isAll ? tasks.length : 0 }
}

function inState({ TaskState }: A2aSdk, state: TaskState): Pick<RunQuery, 'status' | 'openRequest'> {
  switch (state) {
    case TaskState.TASK_STATE_UNSPECIFIED:
      return {}
    case TaskState.TASK_STATE_COMPLETED:
      return { status: ['completed'] }
    case TaskState.TASK_STATE_FAILED:
      return { status: ['failed'] }
    case TaskState.TASK_STATE_CANCELED:
      return { status: ['cancelled'] }
    case TaskState.TASK_STATE_WORKING:
      return { status: ['running', 'paused'], openRequest: false }
    case TaskState.TASK_STATE_INPUT_REQUIRED:
      return { status: ['running', 'paused'], openRequest: true }
    default:
      // No task is ever found in any other.
      return { status: [] }
  }
}
