import { Subject } from 'rxjs'
import {
  isTerminalEvent,
  OrchestrationCancelledError,
  type OrchestrationEvent,
  OrchestrationFailedError,
  type OrchestrationRun,
} from '../core/index.js'
import type { NewSession, Session, SessionState, StateManager } from '../durability/index.js'
import { OrchestrationError } from '../errors/index.js'
import { checkOptionNames } from '../errors/internal.js'
import type { PriceTable } from '../resilience/index.js'
import type { EventBus } from './event-bus.js'
import { resultOf } from './orchestra-aggregate.js'
import { contextFor } from './orchestra-context.js'
import { type DefinitionSurroundings, keptDefinition, OrchestraDefinition } from './orchestra-definition.js'
import { type OrchestraResumeOptions, orchestraResumeNames } from './orchestra-options.js'
import { OrchestraProgress } from './orchestra-progress.js'
import type { OrchestraResult } from './orchestra-result.js'
import type { OrchestraRun } from './orchestra-run.js'
import type { Topology } from './topology.js'

/** What the runs of sessions go by. */
export interface SessionSurroundings {
  readonly manager: StateManager
  readonly definitions: DefinitionSurroundings
  readonly bus: EventBus
  readonly prices: PriceTable | undefined
}

/** A run that this process drives. */
interface LiveRun {
  readonly definition: OrchestraDefinition
  /** Another handle has taken its place, and this came of it. */
  replace(result: OrchestraResult): void
}

/** By their handles, so that nothing is left of runs that are gone. */
const live = new WeakMap<OrchestrationRun<unknown>, LiveRun>()

/** Creates a session, or opens the one of that id. */
export async function sessionFor(manager: StateManager, session: NewSession & { sessionId: string }): Promise<Session> {
  try {
    return await manager.createSession(session)
  } catch (thrown) {
    if (!OrchestrationError.isInstance(thrown) || thrown.code !== 'SESSION_EXISTS') throw thrown
    return manager.openSession(session.sessionId)
  }
}

/** Starts a run of a session: at once if there is the session, so that it can be paused from here on, else as soon as there is. */
export function startInSession(
  { bus, prices }: SessionSurroundings,
  sessionId: string,
  opening: Session | Promise<Session>,
  definition: OrchestraDefinition,
  work: { readonly task: unknown; readonly context: Readonly<Record<string, unknown>>; readonly signal?: AbortSignal },
): OrchestraRun {
  const { task, context, signal } = work
  const events = new Subject<OrchestrationEvent>()
  let begun!: (run: OrchestrationRun<unknown>) => void
  const started = new Promise<OrchestrationRun<unknown>>(resolve => (begun = resolve))
  const progress = new OrchestraProgress({ topology: definition.topology, sessionId, prices })
  const heard = (event: OrchestrationEvent): void => {
    for (const notice of progress.add(event)) bus.publish(notice)
    events.next(event)
    if (isTerminalEvent(event)) events.complete()
  }
  const begin = (session: Session): Promise<OrchestraResult> => {
    const input = { task, context: contextFor(context, sessionId) }
    const options = { properties: definition.properties, ...(signal && { signal }) }
    const run = () => session.run(definition.orchestration, input, options)
    return follow(session, definition, progress, run, heard, begun)
  }
  const result = opening instanceof Promise ? opening.then(begin) : begin(opening)
  const over = result.finally(() => events.complete())
  const run = Promise.race([started, over.then(() => started)])
  // Whoever only looks at one of them must not bring the process down with the others.
  for (const each of [over, run]) each.catch(() => undefined)
  return { sessionId, run, events$: events.asObservable(), result: over }
}

/** Goes on with the run of a session. */
export async function resumeInSession(
  { manager, definitions, bus, prices }: SessionSurroundings,
  session: Session,
  options: OrchestraResumeOptions,
): Promise<OrchestraResult> {
  checkOptionNames('resumeSession()', options, orchestraResumeNames)
  const { topology, maxSteps, signal, allowModified = topology !== undefined } = options
  const state = await session.state
  const { current } = session
  if (topology !== undefined && current?.status === 'running') throw stillRunning(session.id)
  const here = current === undefined ? undefined : live.get(current)
  const kept = keptDefinition(state.properties)
  if (kept === undefined) throw noTopology(session.id)
  const definition =
    topology === undefined
      ? (here?.definition ?? OrchestraDefinition.of(kept.topology, kept.maxSteps, { ...definitions, rules: [] }))
      : OrchestraDefinition.of(topology, maxSteps ?? kept.maxSteps, definitions).replaceKept()
  const progress = progressOf(session.id, definition.topology, state, prices)
  const resume = () =>
    manager.resumeSession(session.id, definition.orchestration, { allowModified, ...(signal && { signal }) })
  // Whoever has started the run in this process tells of it already.
  const isHeard = here !== undefined && topology === undefined
  const heard = (event: OrchestrationEvent): void => {
    for (const notice of progress.add(event)) if (!isHeard) bus.publish(notice)
  }
  const result = follow(session, definition, progress, resume, heard)
  const { replace } = here ?? {}
  if (replace !== undefined) void result.then(replace, () => undefined)
  return result
}

/** What there is of the latest run of a session. @throws RUN_UNKNOWN if it has none */
export async function resultSoFar({ prices }: SessionSurroundings, session: Session): Promise<OrchestraResult> {
  const state = await session.state
  const kept = keptDefinition(state.properties)
  if (kept === undefined) throw noTopology(session.id)
  return resultOf(progressOf(session.id, kept.topology, state, prices), state.properties)
}

/** Sees a run to its end, and makes of it what is known then. */
async function follow(
  session: Session,
  definition: OrchestraDefinition,
  progress: OrchestraProgress,
  work: () => Promise<unknown>,
  heard: (event: OrchestrationEvent) => void,
  begun?: (run: OrchestrationRun<unknown>) => void,
): Promise<OrchestraResult> {
  let replace!: LiveRun['replace']
  const replaced = new Promise<OrchestraResult>(resolve => (replace = resolve))
  let next = 0
  const tell = (event: OrchestrationEvent): void => {
    if (event.seq < next) return
    next = event.seq + 1
    heard(event)
  }
  const subscription = definition.orchestration.events$.subscribe(event => {
    const { current } = session
    // A session that goes back to a checkpoint ends the run that it leaves, in the name of the same definition.
    if (event.runId !== current?.id) return
    if (!live.has(current)) live.set(current, { definition, replace })
    begun?.(current)
    tell(event)
  })
  try {
    const instead = await Promise.race([work().then(() => undefined, endOfRun), replaced])
    if (instead !== undefined) return instead
    const state = await session.state
    for (const event of state.events) tell(event)
    return resultOf(progress, state.properties)
  } finally {
    subscription.unsubscribe()
  }
}

/** A run that has failed has a result like any other; everything else is the caller's. */
function endOfRun(thrown: unknown): undefined {
  if (!(thrown instanceof OrchestrationFailedError) && !(thrown instanceof OrchestrationCancelledError)) throw thrown
}

function progressOf(
  sessionId: string,
  topology: Topology,
  { events }: SessionState,
  prices: PriceTable | undefined,
): OrchestraProgress {
  const progress = new OrchestraProgress({ topology, sessionId, prices })
  for (const event of events) progress.add(event)
  return progress
}

function stillRunning(sessionId: string): OrchestrationError {
  return new OrchestrationError(
    `Session "${sessionId}" is running, so it cannot go on with another topology. Pause it with pauseSession() first.`,
    { code: 'SESSION_BUSY', details: { sessionId } },
  )
}

function noTopology(sessionId: string): OrchestrationError {
  return new OrchestrationError(
    `The run of session "${sessionId}" is not that of an orchestra. Resume it with stateManager.resumeSession() and its orchestration.`,
    { code: 'SESSION_UNKNOWN', details: { sessionId } },
  )
}
