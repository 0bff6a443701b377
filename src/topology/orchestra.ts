import { Observable } from 'rxjs'
import { AgentRegistry } from '../agents/index.js'
import type { OrchestrationEvent } from '../core/index.js'
import type { NewSession, RestoredState, Session, StateManager } from '../durability/index.js'
import { ensureError, OptionError, OrchestrationError } from '../errors/index.js'
import { checkOptionNames } from '../errors/internal.js'
import { EventBus } from './event-bus.js'
import { startAlone } from './orchestra-alone.js'
import { contextOf, sessionIdOf } from './orchestra-context.js'
import { type DefinitionSurroundings, OrchestraDefinition } from './orchestra-definition.js'
import {
  type OrchestraOptions,
  type OrchestraResumeOptions,
  type OrchestraRunOptions,
  type OrchestraTask,
  orchestraLimitNames,
  orchestraOptionNames,
  orchestraRunNames,
  orchestraTaskNames,
} from './orchestra-options.js'
import type { OrchestraResult } from './orchestra-result.js'
import type { OrchestraRun } from './orchestra-run.js'
import { OrchestraSession } from './orchestra-session.js'
import { resultSoFar, resumeInSession, sessionFor, startInSession } from './orchestra-sessions.js'
import { isTellable } from './plain-content.js'

/**
 * Lets agents work on tasks, as topologies say.
 *
 * ```ts
 * AgentRegistry.global.register(new Agent({ name: 'Researcher', client, model }))
 * AgentRegistry.global.register(new Agent({ name: 'Writer', client, model }))
 * const topology = { nodes: ['User', 'Researcher', 'Writer'], edges: ['User -> Researcher -> Writer -> User'] }
 * const { success, finalResponse } = await Orchestra.run({ task: 'AI in healthcare', topology })
 * ```
 *
 * It keeps nothing of its runs, and any number of them may be under way at once.
 */
export class Orchestra {
  /** What happens in its runs. */
  readonly eventBus: EventBus
  readonly #registry: AgentRegistry
  readonly #options: OrchestraOptions

  /** Runs one task with an orchestra of its own (S1-01); as {@link Orchestra.execute} does. */
  static async run(options: OrchestraRunOptions): Promise<OrchestraResult> {
    checkWork(options)
    checkOptionNames('Orchestra.run()', options, orchestraRunNames)
    const { agentRegistry, rules, stateManager, prices, clock, logger, ...task } = options
    const given = { rules, stateManager, prices, clock, logger }
    const own = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    return new Orchestra(agentRegistry, own).execute(task)
  }

  /**
   * @param agentRegistry knows the agents that nodes only name; the default is `AgentRegistry.global`
   * @throws OPTION_INVALID
   */
  constructor(agentRegistry: AgentRegistry = AgentRegistry.global, options: OrchestraOptions = {}) {
    if (!(agentRegistry instanceof AgentRegistry)) {
      throw new OptionError('agentRegistry', 'an AgentRegistry', agentRegistry)
    }
    checkOptionNames('an orchestra', options, orchestraOptionNames)
    this.#registry = agentRegistry
    this.#options = options
    this.eventBus = new EventBus(options.logger)
  }

  /**
   * Runs a task to its end (S1-25). A run that fails, reaches a limit or is cancelled resolves too, with `success: false`, the `error`,
   * and what there is by then. Rejects if there is no run: with a TypeError for what is no topology, TOPOLOGY_INVALID, AGENT_UNKNOWN,
   * SESSION_BUSY; and if the store fails.
   */
  async execute(task: OrchestraTask): Promise<OrchestraResult> {
    return this.start(task).result
  }

  /** Begins what {@link Orchestra.execute} does, and returns a handle. @throws TypeError, TOPOLOGY_INVALID, AGENT_UNKNOWN, OPTION_INVALID */
  start(work: OrchestraTask): OrchestraRun {
    checkWork(work)
    checkOptionNames('a run of an orchestra', work, orchestraTaskNames)
    const { task, topology, maxSteps = 100, signal, enablePause = false } = work
    const context = contextOf(work.context)
    const definition = OrchestraDefinition.of(topology, maxSteps, this.#definitions)
    const sessionId = sessionIdOf(work.sessionId, context)
    const limits = signal === undefined ? {} : { signal }
    const { stateManager, prices } = this.#options
    const given = { task, context, ...limits }
    if (stateManager === undefined) {
      return startAlone({ bus: this.eventBus, prices }, sessionId, definition, given)
    }
    const session = sessionFor(stateManager, { task, context, sessionId, enablePause })
    return startInSession(this.#sessions('start()'), sessionId, session, definition, given)
  }

  /**
   * The events of a run that starts when somebody subscribes and is cancelled when they unsubscribe before its end (S1-61). It errors
   * with what {@link Orchestra.execute} rejects with; a run that fails is told of by its events.
   */
  stream(task: OrchestraTask): Observable<OrchestrationEvent> {
    return new Observable(subscriber => {
      const { events$, run, result } = this.start(task)
      let over = false
      const subscription = events$.subscribe({ next: event => subscriber.next(event) })
      result
        .then(
          () => subscriber.complete(),
          thrown => subscriber.error(ensureError(thrown)),
        )
        .finally(() => (over = true))
      return () => {
        subscription.unsubscribe()
        if (!over) run.then(started => started.cancel('the subscriber has left')).catch(() => undefined)
      }
    })
  }

  /**
   * Creates a session, which can be paused, resumed and taken back to checkpoints (S1-28). What it is given is copied.
   * @throws STORE_MISSING without a state manager; SESSION_EXISTS, NAME_INVALID, PAYLOAD_NOT_SERIALIZABLE
   */
  async createSession(session: NewSession): Promise<OrchestraSession> {
    return this.#opened(await this.#manager('createSession()').createSession(session))
  }

  /** A session that is there. @throws STORE_MISSING, SESSION_UNKNOWN */
  async openSession(sessionId: string): Promise<OrchestraSession> {
    return this.#opened(await this.#manager('openSession()').openSession(sessionId))
  }

  /**
   * Pauses a session: no more steps are started, and it is paused when those at work are done (S1-35). A run of another process is
   * paused by that, if the session was created with `enablePause`.
   * @returns whether it is paused now; not if it has no run, or that has ended
   * @throws STORE_MISSING, SESSION_UNKNOWN
   */
  async pauseSession(sessionId: string): Promise<boolean> {
    return this.#manager('pauseSession()').pauseSession(sessionId)
  }

  /**
   * Goes on with a session that was paused, that was taken back to a checkpoint, or whose process has died, and resolves as
   * {@link Orchestra.execute} does (S1-36). The topology is kept with the session, and agents come from the registry by the names of
   * their nodes; with another topology it goes on as that says (S1-60). Of a session whose run has ended it returns the result again.
   * @throws STORE_MISSING, SESSION_UNKNOWN, RUN_UNKNOWN, RUN_BUSY, DEFINITION_CHANGED, AGENT_UNKNOWN, TOPOLOGY_INVALID
   */
  async resumeSession(sessionId: string, options: OrchestraResumeOptions = {}): Promise<OrchestraResult> {
    const session = await this.#manager('resumeSession()').openSession(sessionId)
    return resumeInSession(this.#sessions('resumeSession()'), session, options)
  }

  /** Gives the place where a session is a name, also while it runs, and returns an id to come back by (S1-31). @throws STORE_MISSING, RUN_UNKNOWN */
  async createCheckpoint(sessionId: string, name: string): Promise<string> {
    return this.#manager('createCheckpoint()').createCheckpoint(sessionId, name)
  }

  /**
   * Takes a session back to a checkpoint, from which {@link Orchestra.resumeSession} goes on, and returns where it was then (S1-32).
   * @throws STORE_MISSING, CHECKPOINT_UNKNOWN, RUN_BUSY
   */
  async restoreCheckpoint(checkpointId: string): Promise<RestoredState> {
    return this.#manager('restoreCheckpoint()').restoreCheckpoint(checkpointId)
  }

  get #definitions(): DefinitionSurroundings {
    const { rules = [], clock, logger } = this.#options
    return { registry: this.#registry, rules, clock, logger }
  }

  #opened(session: Session): OrchestraSession {
    const sessions = this.#sessions('a session')
    return new OrchestraSession(session, {
      start: (opened, topology, limits) => {
        checkOptionNames('a run of a session', limits, orchestraLimitNames)
        const { maxSteps = 100, signal } = limits
        const definition = OrchestraDefinition.of(topology, maxSteps, this.#definitions)
        const { id, task, context } = opened
        const work = { task, context, ...(signal && { signal }) }
        return startInSession(sessions, id, opened, definition, work)
      },
      resume: (opened, options) => resumeInSession(sessions, opened, options),
      soFar: opened => resultSoFar(sessions, opened),
    })
  }

  #sessions(what: string): Parameters<typeof resumeInSession>[0] {
    const { prices } = this.#options
    return { manager: this.#manager(what), definitions: this.#definitions, bus: this.eventBus, prices }
  }

  #manager(what: string): StateManager {
    const { stateManager } = this.#options
    if (stateManager !== undefined) return stateManager
    throw new OrchestrationError(
      `${what} needs somewhere to keep sessions: \`new Orchestra(registry, { stateManager: new StateManager(store) })\`.`,
      { code: 'STORE_MISSING' },
    )
  }
}

/** Whoever knows S1 may hand over the task and the topology one after the other. @throws OPTION_INVALID */
function checkWork(work: unknown): void {
  if (typeof work !== 'object' || work === null) throw new OptionError('work', 'an object { task, topology, … }', work)
  const { task } = work as Partial<OrchestraTask>
  if (!isTellable(task)) throw new OptionError('task', 'a text, or something that can be written as JSON', task)
}
