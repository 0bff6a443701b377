// What each policy adds to a step that succeeds: a chain in which every state has it, beside the same chain without.
import { bulkhead, circuitBreaker, fallback, rateLimit, retry, timeout } from 'advancer'
import { chain } from './machines.mjs'
import { expectSteps } from './proof.mjs'
import { compare } from './sampling.mjs'

const length = 100

const policies = {
  'no policy': () => [],
  fallback: () => [fallback(0)],
  retry: () => [retry()],
  'circuit breaker': () => [circuitBreaker()],
  'rate limit': () => [rateLimit({ limit: 1000, intervalMs: 0.001 })],
  bulkhead: () => [bulkhead({ maxConcurrent: 10 })],
  timeout: () => [timeout({ timeoutMs: 60_000 })],
  'idle timeout': () => [timeout({ idleMs: 60_000 })],
  'retry, breaker and timeout': () => [retry(), circuitBreaker(), timeout({ timeoutMs: 60_000 })],
}

function policyRow([name, interceptors]) {
  return {
    id: `policy-${name.replaceAll(/[ ,]+/g, '-')}`,
    title: `chain of ${length}, ${name}; ratio to none`,
    unit: 'µs/step',
    async measure() {
      const guarded = chain(length).configure({ interceptors: interceptors() })
      const plain = chain(length)
      const figures = await compare({ subject: () => guarded.run(1), baseline: () => plain.run(1), units: length })
      await expectSteps(guarded, 1, length)
      return figures
    },
  }
}

export const policyRows = Object.entries(policies).map(policyRow)
