import type { RunEvent } from './wire.js'

/** What has happened to a state. */
export interface StateTally {
  readonly path: readonly string[]
  readonly name: string
  visits: number
  failures: number
  retries: number
  /** Steps that have been started and have not ended, by their tokens. */
  readonly open: Set<string>
  /** Those of them that wait for somebody or something. */
  readonly waiting: Set<string>
  last: 'visited' | 'failed' | 'skipped' | undefined
}

/** How something is marked in the diagram. */
export type StateMark = 'untouched' | 'active' | 'waiting' | 'visited' | 'failed' | 'skipped'

/** Gathers from events what has happened to states and transitions so far. */
export class RunTally {
  readonly states = new Map<string, StateTally>()
  readonly transitions = new Map<string, number>()
  /** The transition that was taken last. */
  lastTransition: string | undefined
  readonly #failed = new Set<string>()
  #over = false

  add(event: RunEvent): void {
    const { type, token = '', inner_execution_id: inner = '', path = [] } = event
    const step = `${inner}|${token}`
    if (type === 'state.transition') return this.#transition(event, path, inner)
    if (type.startsWith('orchestration.') && path.length === 0) this.#over = /completed|failed|cancelled/.test(type)
    if (event.state_name === undefined) return
    switch (type) {
      case 'state.started': {
        const state = this.#state(path, event.state_name)
        state.visits++
        state.open.add(step)
        for (const { from, advancer, error } of event.led_by ?? []) {
          this.#take(transitionKey(path, from, event.state_name, advancer, error))
        }
        break
      }
      case 'state.waiting':
        this.#state(path, event.state_name).waiting.add(step)
        break
      case 'state.completed':
        this.#end(path, event.state_name, step, 'visited')
        break
      case 'state.skipped':
        this.#end(path, event.state_name, step, 'skipped')
        break
      case 'state.failed':
        this.#end(path, event.state_name, step, 'failed').failures++
        this.#failed.add(step)
        break
      case 'state.retrying':
        this.#state(path, event.state_name).retries++
        break
      case 'join.waiting':
        this.#state(path, event.state_name).waiting.add('join')
        break
      case 'join.fired':
        this.#state(path, event.state_name).waiting.delete('join')
        break
      default:
    }
  }

  /** How a state is marked: by what it is doing, else by how it ended last. */
  markOf(state: StateTally | undefined): StateMark {
    if (state === undefined) return 'untouched'
    if (!this.#over && state.open.size > state.waiting.size) return 'active'
    if (!this.#over && state.waiting.size > 0) return 'waiting'
    if (state.open.size > 0 && state.last === undefined) return 'skipped'
    return state.last ?? 'untouched'
  }

  #transition(
    { from_state: from = '', to_state: to = '', advancer = '', from_token: token }: RunEvent,
    path: readonly string[],
    inner: string,
  ): void {
    this.#take(transitionKey(path, from, to, advancer, this.#failed.has(`${inner}|${token}`)))
  }

  #take(key: string): void {
    this.transitions.set(key, (this.transitions.get(key) ?? 0) + 1)
    this.lastTransition = key
  }

  #end(path: readonly string[], name: string, step: string, how: NonNullable<StateTally['last']>): StateTally {
    const state = this.#state(path, name)
    state.open.delete(step)
    state.waiting.delete(step)
    state.last = how
    return state
  }

  #state(path: readonly string[], name: string): StateTally {
    const key = stateKey(path, name)
    let state = this.states.get(key)
    if (state === undefined) {
      state = { path, name, visits: 0, failures: 0, retries: 0, open: new Set(), waiting: new Set(), last: undefined }
      this.states.set(key, state)
    }
    return state
  }
}

/** Names a state among those of all orchestrations that are in each other. */
export function stateKey(path: readonly string[], name: string): string {
  return JSON.stringify([...path, name])
}

/** Names a way from one state to another. */
export function transitionKey(
  path: readonly string[],
  from: string,
  to: string,
  advancer: string,
  onError: boolean,
): string {
  return JSON.stringify([...path, from, to, advancer, onError])
}
