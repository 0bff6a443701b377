import type { OrchestrationRun } from '../core/index.js'
import type { HostedOrchestration, HostedRunOptions } from '../durability/index.js'
import { OrchestrationError } from '../errors/index.js'
import { PayloadError } from '../schema/index.js'
import type { IdempotentAttempt } from './idempotency.js'
import type { Principal } from './principal.js'
import { Problem } from './problem.js'
import { idempotencyTag, type ServerContext, tenantOf, tenantTag } from './server-context.js'

/** How a run is started for a caller. */
export interface RunStart extends Omit<HostedRunOptions, 'tags'> {
  readonly orchestration: HostedOrchestration
  readonly input: unknown
  /** Labels besides that of the tenant. @default none */
  readonly tags?: Readonly<Record<string, string>>
}

/**
 * Starts a run for a request that is to have its effect once: what an attempt before has started is not started again.
 * @param id of the run, if `start` has none
 * @throws what {@link startRun} throws
 */
export async function startRunOnce(
  server: ServerContext,
  principal: Principal,
  { id, key }: IdempotentAttempt,
  { runId = id, tags, ...start }: RunStart,
): Promise<string> {
  const labels = key === undefined ? { ...tags } : { ...tags, [idempotencyTag]: key }
  try {
    return (await startRun(server, principal, { ...start, runId, tags: labels })).id
  } catch (thrown) {
    if (!OrchestrationError.isInstance(thrown) || thrown.code !== 'RUN_EXISTS' || key === undefined) throw thrown
    const record = await server.host.store.get(runId)
    if (record?.tags[idempotencyTag] === key) return runId
    throw thrown
  }
}

/**
 * Starts a run for a caller; resolves when it is in the store. The input is checked before there is a run.
 * @throws PAYLOAD_INVALID for an input that is not what is declared; Problem 429 if too many runs are under way; RUN_EXISTS, NAME_INVALID
 */
export async function startRun(
  server: ServerContext,
  { tenant }: Principal,
  { orchestration, input, tags, ...options }: RunStart,
): Promise<OrchestrationRun<unknown>> {
  const checked = await inputFor(orchestration, input)
  // Nothing may come between: two who ask at once must not both get the last place.
  checkRoom(server, tenant)
  const run = await server.host.start(orchestration, checked, { ...options, tags: { ...tags, [tenantTag]: tenant } })
  server.started$.next(run.id)
  return run
}

/**
 * @param runId a run of the tenant that is to go on; one that is under way already takes no more room
 * @throws Problem 429 if too many are under way
 */
export function checkRoom({ host, limits }: ServerContext, tenant: string, runId?: string): void {
  const { maxRuns, maxRunsPerTenant } = limits
  const driven = runId === undefined ? undefined : host.driven(runId)
  if (driven !== undefined && driven.status !== 'paused') return
  if (host.active >= maxRuns) throw tooMany(`${maxRuns} executions are`)
  // Where it is no limit of its own, nobody has to be counted.
  if (maxRunsPerTenant >= maxRuns) return
  if (host.activeOf(tags => tenantOf(tags) === tenant) >= maxRunsPerTenant)
    throw tooMany(`${maxRunsPerTenant} executions of yours are`)
}

async function inputFor({ name, graph }: HostedOrchestration, input: unknown): Promise<unknown> {
  try {
    return graph.input === undefined ? input : await graph.input.check(input)
  } catch (thrown) {
    throw thrown instanceof PayloadError ? thrown.at({ orchestration: name, direction: 'input' }) : thrown
  }
}

function tooMany(most: string): Problem {
  return new Problem(429, {
    code: 'TOO_MANY_REQUESTS',
    detail: `${most} under way, and no more may be at once. Try again when some have ended.`,
    headers: { 'retry-after': '1' },
  })
}
