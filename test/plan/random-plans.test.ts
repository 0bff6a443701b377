import '../fixed-seed.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AgentStepInit,
  ExecutionPlan,
  type ExecutionStrategy,
  MemoryRegistryClient,
  WorkflowEngine,
  WorkflowFailedError,
  type WorkflowResult,
  type WorkflowStepError,
} from '../../src/plan/index.js'

interface RandomStep {
  readonly after: readonly number[]
  readonly fails: boolean
  readonly skipped: boolean
}

const runs = Number(process.env['PROPERTY_RUNS'] ?? 150)

/** Steps that depend on earlier ones, listed in any order. */
const randomSteps = fc.integer({ min: 1, max: 10 }).chain(size =>
  fc.tuple(
    ...Array.from({ length: size }, (_, index) =>
      fc.record<RandomStep>({
        after: fc.uniqueArray(fc.nat({ max: Math.max(0, index - 1) }), { maxLength: index }),
        fails: fc.boolean().chain(fails => (fails ? fc.boolean() : fc.constant(false))),
        skipped: fc.boolean().chain(skipped => (skipped ? fc.boolean() : fc.constant(false))),
      }),
    ),
  ),
)

function planFor(given: readonly RandomStep[], order: readonly number[], strategy: ExecutionStrategy): ExecutionPlan {
  const steps = given.map(
    ({ after, skipped }, index): AgentStepInit => ({
      stepId: `s${index}`,
      agentId: 'agent',
      taskType: 'work',
      dependencies: after.map(each => `s${each}`),
      ...(skipped ? { condition: 'metadata.never' } : {}),
    }),
  )
  const metadata = { never: false }
  return new ExecutionPlan({
    planId: 'random',
    intent: 'x',
    strategy,
    metadata,
    steps: order.map(at => steps[at] as AgentStepInit),
  })
}

/** What each step has to come to under `parallel`, worked out from the definition. */
function expected(given: readonly RandomStep[]): readonly ('completed' | 'failed' | 'skipped')[] {
  const fates: ('completed' | 'failed' | 'skipped')[] = []
  const hasResult: boolean[] = []
  for (const [index, { after, fails, skipped }] of given.entries()) {
    const ready = after.every(each => hasResult[each])
    fates.push(!ready || skipped ? 'skipped' : fails ? 'failed' : 'completed')
    hasResult[index] = ready && (skipped || !fails)
  }
  return fates
}

describe('random plans', () => {
  const run = async (plan: ExecutionPlan, given: readonly RandomStep[], maxParallelAgents?: number) => {
    const begun: string[] = []
    const ended = new Set<string>()
    let atWork = 0
    let most = 0
    const violations: string[] = []
    const registry = new MemoryRegistryClient().register('agent', async ({ context: { stepId, results } }) => {
      begun.push(stepId)
      most = Math.max(most, ++atWork)
      const { after, fails } = given[Number(stepId.slice(1))] as RandomStep
      for (const each of after) {
        const skipped = given[each]?.skipped === true
        if (skipped ? results[`s${each}`] !== null : !ended.has(`s${each}`))
          violations.push(`${stepId} before s${each}`)
      }
      await Promise.resolve()
      atWork--
      if (fails) throw new Error(stepId)
      ended.add(stepId)
      return stepId
    })
    const options = maxParallelAgents === undefined ? {} : { maxParallelAgents }
    const workflow = await new WorkflowEngine(registry, { ...options, circuitBreaker: false }).start(plan)
    const result = await workflow.result.catch((error: unknown) => error)
    return { workflow, result, begun, most, violations }
  }

  it('S3-11 S3-14 parallel: each step ends in exactly one way, after all that it depends on', async () => {
    await fc.assert(
      fc.asyncProperty(randomSteps, fc.nat(), fc.integer({ min: 1, max: 4 }), async (given, seed, atOnce) => {
        const order = shuffled(given.length, seed)
        const { workflow, result, begun, most, violations } = await run(
          planFor(given, order, 'parallel'),
          given,
          atOnce,
        )
        expect(violations).toEqual([])
        expect(most).toBeLessThanOrEqual(atOnce)
        expect(given.map((_, index) => workflow.state.statusOf(`s${index}`))).toEqual(expected(given))
        expect(new Set(begun).size).toBe(begun.length)
        const fates = expected(given)
        expect(begun.length).toBe(fates.filter(fate => fate !== 'skipped').length)
        expect(result).toMatchObject({ stepsExecuted: fates.filter(fate => fate === 'completed').length })
        // What the run itself knows, and what its events tell, is the same.
        const { state } = workflow
        const { errors, status } = result as WorkflowResult
        const inPlanOrder = state.errors.toSorted((a, b) => order.indexOf(numberOf(a)) - order.indexOf(numberOf(b)))
        expect(errors).toEqual(inPlanOrder)
        expect(status).toBe(state.status)
      }),
      { numRuns: runs },
    )
  })

  it('S3-10 S3-27 conditional: one after the other up to the first failure', async () => {
    await fc.assert(
      fc.asyncProperty(randomSteps, fc.nat(), async (given, seed) => {
        const plan = planFor(given, shuffled(given.length, seed), 'conditional')
        const { workflow, result, begun, most, violations } = await run(plan, given)
        expect(violations).toEqual([])
        expect(most).toBeLessThanOrEqual(1)
        const failed = begun.findIndex(stepId => given[Number(stepId.slice(1))]?.fails)
        expect(result instanceof WorkflowFailedError).toBe(failed >= 0)
        if (failed >= 0) expect(failed).toBe(begun.length - 1)
        const statuses = given.map((_, index) => workflow.state.statusOf(`s${index}`))
        if (failed < 0) expect(statuses).toEqual(expected(given))
        else expect(statuses.filter(status => status === 'failed')).toHaveLength(1)
      }),
      { numRuns: runs },
    )
  })
})

function numberOf({ stepId = '' }: WorkflowStepError): number {
  return Number(stepId.slice(1))
}

function shuffled(size: number, seed: number): readonly number[] {
  const left = Array.from({ length: size }, (_, index) => index)
  let state = seed
  return left
    .map(index => ({ index, key: (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) }))
    .sort((a, b) => a.key - b.key)
    .map(({ index }) => index)
}
