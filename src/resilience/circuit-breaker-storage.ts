import type { Logger } from '../core/index.js'

/** The state of a circuit breaker as it is stored. */
export interface StoredCircuitBreaker {
  /** What the breaker gave; it checks it when it gets it back. */
  readonly snapshot: unknown
  /** 1 for what was saved first, one more each time. */
  readonly revision: number
}

/**
 * The port to where circuit breakers keep their state, so that several processes share it. `StoredCircuitBreakers` of
 * `advancer/durability` is it, on any journal store. What its methods reject with never fails a call: it is logged, and the
 * breaker goes on with what it knows.
 */
export interface CircuitBreakerStorage {
  /** What was saved last under the name of a breaker. */
  load(name: string): Promise<StoredCircuitBreaker | undefined>
  /**
   * Keeps a snapshot, which is plain data, in place of revision `previous` (0: of nothing), as the revision after it. False, with
   * nothing kept, if that is not the last one any more.
   */
  save(name: string, snapshot: object, previous: number): Promise<boolean>
}

/** Where a circuit breaker keeps its state. */
export interface CircuitBreakerSharing {
  /**
   * Where the state is kept, under the breaker's name. Each call reads it first and, if the breaker's state changed by it, waits
   * until that is written. So what one process has found out counts for calls that begin afterwards, in any process, whose clocks
   * have to agree; calls that have begun go on. A process that may try again lets trial calls through on its own account.
   * @default the memory of the process
   */
  readonly storage?: CircuitBreakerStorage
  /** Where a storage that fails is reported, once until it works again. @default the console */
  readonly logger?: Logger
}
