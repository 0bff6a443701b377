import { OrchestrationError } from '../errors/index.js'

/** A bulkhead has refused a call: as many as it allows are at work, and as many as it allows wait. */
export class BulkheadFullError extends OrchestrationError {
  readonly bulkhead: string

  constructor(bulkhead: string, atWork: number, waiting: number) {
    super(`Bulkhead "${bulkhead}" is full: ${atWork} calls are at work, ${waiting} wait, and no more may wait.`, {
      code: 'BULKHEAD_FULL',
      retryable: true,
      details: { bulkhead, atWork, waiting },
    })
    this.bulkhead = bulkhead
  }
}
