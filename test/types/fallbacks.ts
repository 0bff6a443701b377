import { OrchestrationRunnable } from '../../src/core/index.js'
import { CircuitBreaker, Fallback, Retry } from '../../src/resilience/index.js'

interface Answer {
  readonly content: string
  readonly success: boolean
}

/** A value, a function, and a promise of what the state returns. */
@Retry()
@Fallback({ content: 'none', success: false })
@Fallback((error, call) => ({ content: `${error.message} in ${call.stateName}`, success: false }))
@Fallback(async () => Promise.resolve({ content: 'later', success: false }))
export class Answering extends OrchestrationRunnable<string, Answer> {
  invoke(content: string) {
    return { content, success: true }
  }
}

// @ts-expect-error the answer lacks a field of what the state returns
@Fallback({ content: 'none' })
export class Lacking extends Answering {}

// @ts-expect-error the function makes something else than what the state returns
@Fallback(error => error.message)
export class Mistaken extends Answering {}

// @ts-expect-error a policy is for classes of states
@Retry()
export class NoState {}

/** One name is the class and the decorator. */
const breaker: CircuitBreaker = new CircuitBreaker({ name: 'search' })
@CircuitBreaker({ breaker })
export class Guarded extends Answering {}
