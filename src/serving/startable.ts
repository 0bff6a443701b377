import type { HostedOrchestration } from '../durability/index.js'
import { OrchestrationError } from '../errors/index.js'
import { didYouMean } from '../errors/internal.js'
import type { Schema } from '../schema/index.js'
import type { IdempotentAttempt } from './idempotency.js'
import type { Principal } from './principal.js'
import { Problem } from './problem.js'
import type { ServerContext } from './server-context.js'
import { type RunStart, startRun, startRunOnce } from './start-run.js'

/** Something that callers start by its id: an orchestration in code, or a workflow of theirs. */
export interface Startable {
  readonly kind: 'orchestration' | 'workflow'
  /** The name of an orchestration, the id of a workflow. */
  readonly id: string
  readonly title: string
  /** May be empty. */
  readonly description: string
  /** What it takes; `undefined` if it does not say. */
  readonly input: Schema | undefined
  /** What it returns; `undefined` if it does not say. */
  readonly output: Schema | undefined
}

/** How something is started by its id. */
export interface NamedStart {
  readonly id: string
  readonly input: unknown
  /** Of a workflow: what it may cost, in USD. @default that of its definition */
  readonly maxBudget?: number | undefined
  readonly tags?: Readonly<Record<string, string>>
  /** Makes starting it have its effect once. @default it is simply started */
  readonly attempt?: IdempotentAttempt
}

/** How many workflows are told of. */
const mostWorkflows = 200

/** The orchestrations in code. */
export function startableOrchestrations({ orchestrations }: ServerContext): readonly Startable[] {
  return [...orchestrations.values()].map(({ orchestration, description = '' }) => {
    const { name, graph } = orchestration as HostedOrchestration
    return { kind: 'orchestration', id: name, title: name, description, input: graph.input, output: graph.output }
  })
}

/** The active workflows of a tenant, the youngest first, 200 at most. */
export async function startableWorkflows(
  { workflows }: ServerContext,
  { tenant }: Principal,
): Promise<readonly Startable[]> {
  const page = await workflows.list({ tenant, status: ['active'], limit: mostWorkflows })
  return page.workflows.map(({ id, name, description = '' }) => {
    return { kind: 'workflow', id, title: name, description, input: undefined, output: undefined }
  })
}

/**
 * Starts an orchestration in code, or a workflow of the caller's tenant; where both have the id, the orchestration is meant.
 * @returns the id of the run
 * @throws Problem 404 with the names that come nearest, 422, 429; PAYLOAD_INVALID and what else starting it throws
 */
export async function startNamed(server: ServerContext, principal: Principal, named: NamedStart): Promise<string> {
  const { attempt } = named
  const start = await startOf(server, principal, named)
  if (attempt !== undefined) return startRunOnce(server, principal, attempt, start)
  return (await startRun(server, principal, start)).id
}

async function startOf(
  server: ServerContext,
  principal: Principal,
  { id, input, maxBudget, tags }: NamedStart,
): Promise<RunStart> {
  const labels = tags === undefined ? {} : { tags }
  const served = server.orchestrations.get(id)
  if (served !== undefined) {
    if (maxBudget === undefined) return { orchestration: served.orchestration, input, ...labels }
    const detail = `"${id}" is an orchestration in code, which has its own limits: leave the budget out.`
    throw new Problem(422, { code: 'OPTION_INVALID', detail })
  }
  const { tenant } = principal
  try {
    const options = { tenant, input, ...labels, ...(maxBudget === undefined ? {} : { maxBudget }) }
    const prepared = await server.workflows.prepare(id, options)
    const { tags: own = {}, ...more } = prepared.options
    return { orchestration: prepared.orchestration, input: prepared.input, ...more, tags: own }
  } catch (thrown) {
    const isUnknown = OrchestrationError.isInstance(thrown) && thrown.code === 'WORKFLOW_UNKNOWN'
    throw isUnknown ? await unknown(server, principal, id) : thrown
  }
}

async function unknown(server: ServerContext, principal: Principal, id: string): Promise<Problem> {
  const known = [...startableOrchestrations(server), ...(await startableWorkflows(server, principal))]
  const hint = didYouMean(
    id,
    known.map(each => each.id),
    'There are none.',
  )
  return new Problem(404, {
    code: 'WORKFLOW_UNKNOWN',
    detail: `There is nothing called "${id}" to be started. ${hint}`,
  })
}
