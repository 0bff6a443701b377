import { ensureError } from '../../errors/index.js'
import type { RunLedger } from '../run-ledger.js'
import type { Fact } from './fact.js'

/**
 * The fact, if a ledger can store it. If not, what follows from that instead: a step whose outcome cannot be stored has failed, a
 * run whose input or result cannot be stored fails.
 */
export function storable(fact: Fact, ledger: RunLedger): Fact {
  try {
    ledger.prepare(fact)
    return fact
  } catch (thrown) {
    const error = ensureError(thrown)
    switch (fact.type) {
      case 'completed':
      case 'advanced':
      case 'answered':
        return { type: 'failed', branch: fact.branch, step: fact.step, error }
      case 'started':
        return { type: 'abandon', failure: { error } }
      case 'ended':
        return { ...fact, output: undefined, failure: { error } }
      default:
        throw error
    }
  }
}
