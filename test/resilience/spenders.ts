import type { OrchestrationRunnable, Usage } from '../../src/core/index.js'
import type { PriceTable } from '../../src/resilience/index.js'
import { type Machine, machine, step } from '../core/machines.js'

/** Made-up prices, so that sums are easy: a call of `cheap` with 100 input tokens costs 0.10. */
export const prices: PriceTable = {
  currency: 'USD',
  asOf: '2025-01-01',
  models: {
    cheap: { inputPerMillion: 1_000, outputPerMillion: 2_000 },
    flat: { inputPerMillion: 0, outputPerMillion: 0, perCall: 0.25 },
  },
}

/** A report of 0.10. */
export const tenth: Usage = { model: 'cheap', inputTokens: 100 }

/** A state that reports `usage` and returns its input plus one. */
export function spend(name: string, usage: Usage = tenth): OrchestrationRunnable<number, number> {
  return step<number, number>(name, (n, context) => {
    context.usage(usage)
    return n + 1
  })
}

/** A state that spends until its input has come to `times`. */
export function spendInLoop(name: string, times: number, usage: Usage = tenth): OrchestrationRunnable<number, number> {
  const state = spend(name, usage)
  return state.addAdvancer(n => n < times, state).configure({ allowDeadEnd: true }) as OrchestrationRunnable<
    number,
    number
  >
}

/** A machine of such a state, whose last output is the result. */
export function spendingLoop(times: number): Machine<number, number> {
  const state = spendInLoop('Ask', times)
  const orchestration = machine<number, number>(state)
  orchestration.resultRunnable = state
  return orchestration
}
