import { Type } from 'class-transformer'
import { IsBoolean, IsInt, IsObject, IsOptional, IsString, Min, ValidateNested } from 'class-validator'
import type { RunEdits } from '../../durability/index.js'
import { Description } from '../../schema/index.js'
import { basePath } from '../base-path.js'
import { readAs } from '../request-body.js'
import { readQuery } from '../request-query.js'
import { resumeRun } from '../resume-run.js'
import type { RouteTable } from '../route-table.js'
import { idempotencyTag, runOf, type ServerContext } from '../server-context.js'
import { checkRoom } from '../start-run.js'
import { wireValue } from '../wire-value.js'
import { executionStatus } from './execution-status.js'
import { DiffBody, ForkedBody } from './inspection-body.js'

const tag = 'Looking into executions'

/** What is different in a fork; steps by their token (`0:3`), or by the name of their state if it is at one only. */
class EditsBody {
  @Description('Properties of the run.') @IsOptional() @IsObject() properties?: object
  @Description('What steps without output are given instead.') @IsOptional() @IsObject() inputs?: object
  @Description('What steps under way have returned instead.') @IsOptional() @IsObject() outputs?: object
}

/** Where a fork leaves its execution. */
class ForkBody {
  @Description('The last entry that both have in common; the last there is if it is left out.')
  @IsOptional()
  @IsInt()
  @Min(1)
  at?: number

  @IsOptional()
  @Type(() => EditsBody)
  @ValidateNested()
  edits?: EditsBody

  @Description('Whether it goes on at once; true if it is left out.')
  @IsOptional()
  @IsBoolean()
  resume?: boolean
}

/** What an execution is compared with. */
class DiffQuery {
  @Description('The id of another execution of the same orchestration.')
  @IsString()
  with!: string
}

/** The edits as a fork takes them; what it does not know is refused there. */
function editsOf(edits: EditsBody): RunEdits {
  return Object.fromEntries(Object.entries(edits).filter(([, values]) => values !== undefined)) as RunEdits
}

/** Copies of executions from a place in their past, and how two of them compare. */
export function addForkRoutes(table: RouteTable, server: ServerContext): void {
  const { host } = server
  table.add(
    {
      method: 'POST',
      path: `${basePath}/executions/{execution_id}/fork`,
      access: 'run',
      operation: 'fork_execution',
      summary: 'Copies an execution up to an entry of its journal, with edits, and goes on with the copy.',
      tag,
      body: ForkBody,
      bodyRequired: false,
      answers: { 201: { description: 'The fork.', body: ForkedBody } },
      handle: async (context, principal) => {
        const record = await runOf(server, principal, context.req.param('execution_id') ?? '')
        const { at, edits, resume = true } = await readAs(context.req.raw, ForkBody, server.limits)
        if (resume) checkRoom(server, principal.tenant)
        // The request that started the one has not started the other.
        const { [idempotencyTag]: _key, ...tags } = record.tags
        const journal = await host.journalOf(record.runId)
        const forkId = await journal.fork(record.runId, {
          ...(at === undefined ? {} : { at }),
          ...(edits === undefined ? {} : { edits: editsOf(edits) }),
          tags,
        })
        const { status } = await host.record(forkId)
        if (resume && status === 'paused') await resumeRun(server, forkId)
        else server.started$.next(forkId)
        const fork = await host.record(forkId)
        return context.json(
          {
            execution_id: forkId,
            status: await executionStatus(server, fork),
            parent: { execution_id: record.runId, seq: fork.parent?.seq ?? record.seq },
          },
          201,
          { location: `${basePath}/executions/${forkId}` },
        )
      },
    },
    {
      method: 'GET',
      path: `${basePath}/executions/{execution_id}/diff`,
      access: 'read',
      operation: 'compare_executions',
      summary: 'Where two executions of one orchestration begin to differ.',
      tag,
      query: DiffQuery,
      answers: { 200: { description: 'The first difference, if there is one.', body: DiffBody } },
      handle: async (context, principal) => {
        const record = await runOf(server, principal, context.req.param('execution_id') ?? '')
        const other = await runOf(server, principal, readQuery(context, DiffQuery).with)
        const difference = await (await host.journalOf(record.runId)).diff(record.runId, other.runId)
        return context.json({
          execution_id: record.runId,
          with: other.runId,
          equal: difference === undefined,
          ...(difference === undefined
            ? {}
            : { difference: { ...difference, a: wireValue(difference.a), b: wireValue(difference.b) } }),
        })
      },
    },
  )
}
