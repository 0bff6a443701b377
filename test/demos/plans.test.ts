import 'reflect-metadata'
import { IsInt } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { Agent } from '../../src/agents/index.js'
import {
  ExecutionPlan,
  type ExecutionPlanInit,
  type ExecutionStrategy,
  MemoryRegistryClient,
  ResultManager,
  WorkflowEngine,
  WorkflowFailedError,
} from '../../src/plan/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { DemoServer, textOf } from './demo-server.js'

const server = new DemoServer()

class Review {
  @IsInt() score!: number
}

describe('execution plans, over HTTP', () => {
  const agent = (name: string, instructions: string) => new Agent({ ...server.connection, name, instructions })

  const registry = () =>
    new MemoryRegistryClient()
      .register('researcher', agent('Researcher', 'You research.'))
      .register('reviewer', new Agent({ ...server.connection, instructions: 'You review.', outputSchema: Review }))
      .register('writer', agent('Writer', 'You write.'))

  const step = (stepId: string, agentId: string, ...dependencies: string[]) => ({
    stepId,
    agentId,
    taskType: agentId,
    parameters: { about: stepId },
    dependencies,
  })

  const plan = (
    strategy: ExecutionStrategy,
    steps: ExecutionPlanInit['steps'],
    more: Partial<ExecutionPlanInit> = {},
  ) => new ExecutionPlan({ planId: 'report', intent: 'Report on tea', steps, strategy, ...more })

  it('S3-10 S3-25 sequential: what one agent has found is what the next is told', async () => {
    server.answers('You research.', 'tea is old')
    server.answers('You write.', ({ text }) => `report: ${text.includes('tea is old') ? 'it is old' : 'nothing'}`)
    const workflow = await new WorkflowEngine(registry()).start(
      plan('sequential', [step('facts', 'researcher'), step('report', 'writer', 'facts')]),
    )
    const events = new EventRecorder(workflow.run)
    expect(await workflow.result).toMatchObject({
      status: 'completed',
      data: { facts: 'tea is old', report: 'report: it is old' },
    })
    const used = events.ofType('agent.usage')
    expect(used.map(({ stateName }) => stateName)).toEqual(['facts', 'report'])
    expect(used.reduce((sum, { inputTokens }) => sum + inputTokens, 0)).toBe(server.reported.inputTokens)
  })

  it('S3-11 S3-26 parallel: a level asks at once; one that fails leaves the others alone', async () => {
    const waiting: (() => void)[] = []
    server.answers('You research.', async ({ text }) => {
      // Nobody is answered until both have asked.
      await new Promise<void>(resolve => {
        waiting.push(resolve)
        if (waiting.length === 2) for (const each of waiting) each()
      })
      return text.includes('prices') ? { status: 500 } : 'tea is old'
    })
    server.answers('You write.', 'a report')
    const steps = [step('facts', 'researcher'), step('prices', 'researcher'), step('text', 'writer', 'facts')]
    const given = [...steps, step('table', 'writer', 'prices')]
    const result = await new WorkflowEngine(registry()).executePlan(plan('parallel', given))
    expect(result).toMatchObject({
      status: 'partial',
      data: { facts: 'tea is old', text: 'a report' },
      errors: [
        { stepId: 'prices', code: 'MODEL_FAILED' },
        { stepId: 'table', message: 'Dependencies not met for table' },
      ],
    })
    expect(server.requestsOf('You write.')).toHaveLength(1)
  })

  it('S3-14 S3-27 conditional: a model decides by its structured answer whether a step runs', async () => {
    server.answers('You review.', { json: { score: 9 } }, { json: { score: 3 } })
    server.answers('You write.', 'better')
    const revise = { ...step('revise', 'writer', 'review'), condition: 'results.review.data.score < 8' }
    const given = plan('conditional', [step('review', 'reviewer'), revise])
    const engine = new WorkflowEngine(registry())
    expect(await engine.executePlan(given)).toMatchObject({ data: { review: { score: 9 }, revise: null } })
    expect(server.requestsOf('You write.')).toHaveLength(0)
    expect(await engine.executePlan(given)).toMatchObject({ data: { review: { score: 3 }, revise: 'better' } })
  })

  it('S3-15 S3-16 S3-28 loop: for each item, and until the reviewer is content', async () => {
    server.answers('You research.', ({ text }) => `facts about ${/Item: "(\w+)"/.exec(text)?.[1]}`)
    const engine = new WorkflowEngine(registry())
    const each = plan('loop', [step('facts', 'researcher')], { loop: { type: 'for_each', items: ['tea', 'milk'] } })
    expect(await engine.executePlan(each)).toMatchObject({ data: { facts: ['facts about tea', 'facts about milk'] } })

    server.answers('You write.', 'draft 1', 'draft 2')
    server.answers('You review.', { json: { score: 4 } }, { json: { score: 8 } })
    const condition = 'size(results) == 0 or results.review.data.score < 8'
    const until = plan('loop', [step('draft', 'writer'), step('review', 'reviewer', 'draft')], {
      loop: { type: 'while', condition },
    })
    expect(await engine.executePlan(until)).toMatchObject({
      data: { draft: ['draft 1', 'draft 2'], review: [{ score: 4 }, { score: 8 }] },
    })
    expect(textOf(server.requestsOf('You write.')[1]?.messages.at(-1))).toContain('"score":4')
  })

  it('S3-09 S3-10 S3-18 says in the words of S3 what has gone wrong', async () => {
    const clock = new ManualClock()
    server.answers('You write.', { status: 500 })
    const engine = new WorkflowEngine(registry(), { clock })
    const error = (given: ExecutionPlan) =>
      engine.executePlan(given).then(
        () => undefined,
        (thrown: unknown) => thrown as WorkflowFailedError,
      )
    expect((await error(plan('random' as never, [step('a', 'writer')])))?.message).toContain('Unknown strategy: random')
    const wrong = await error(plan('sequential', [step('b', 'writer', 'a'), step('a', 'writer')]))
    expect(wrong?.cause).toMatchObject({ message: 'Dependencies not met for b' })
    for (let i = 0; i < 5; i++) {
      expect((await error(plan('sequential', [step('a', 'writer')])))?.cause).toMatchObject({ code: 'MODEL_FAILED' })
    }
    const open = await error(plan('sequential', [step('a', 'writer')]))
    expect(open?.cause).toMatchObject({ message: expect.stringContaining('Circuit breaker is open') })
    expect(server.requests).toHaveLength(5)
    server.answers('You write.', 'up again')
  })

  it('S3-17 S3-36 tries again, then asks another agent', async () => {
    server.answers('You research.', { status: 503 })
    server.answers('You write.', 'instead')
    const policy = { retryPolicy: { maxRetries: 2, initialDelay: 0 }, fallback: 'writer' }
    const result = await new WorkflowEngine(registry()).executePlan(
      plan('sequential', [{ ...step('facts', 'researcher'), ...policy }]),
    )
    expect(result).toMatchObject({ status: 'completed', data: { facts: 'instead' } })
    expect(server.requestsOf('You research.')).toHaveLength(2)
  })

  it('S3-19 has its summary written by a model', async () => {
    server.answers('You research.', 'tea is old')
    server.answers('You sum up.', 'Tea is old, in short.')
    const resultManager = new ResultManager({ summarizer: agent('Summarizer', 'You sum up.') })
    const engine = new WorkflowEngine(registry(), { resultManager })
    const result = await engine.executePlan(plan('sequential', [step('facts', 'researcher')]))
    expect(result.summary).toBe('Tea is old, in short.')
  })
})
