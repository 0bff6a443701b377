import 'reflect-metadata'
import { Type } from 'class-transformer'
import { IsBoolean, IsDate, IsIn, IsInt, IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { Agent, AgentRunnable, AgentRunner } from '../../src/agents/index.js'
import {
  Advancer,
  Orchestration,
  OrchestrationAdvancer,
  OrchestrationOptions,
  OrchestrationRunnable,
  type RunContext,
  Runnable,
} from '../../src/core/index.js'
import { retry } from '../../src/resilience/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { DemoServer } from './demo-server.js'
import type { Connection } from './research-states.js'

const server = new DemoServer()

describe('conditional and dynamic states, over HTTP', () => {
  class ConfigData {
    @IsIn(['coding', 'analysis', 'other']) workflowType!: string
    @IsString() subject!: string
    @IsString() language!: string
    @IsString({ each: true }) dataSources!: string[]
  }

  class ProcessInput {
    @IsString() subject!: string
  }

  const connection = () => server.connection

  @Runnable({ input: String, output: ConfigData })
  class AnalysingRequest extends AgentRunnable<string, ConfigData> {
    get agent(): Agent<ConfigData> {
      return new Agent({ ...connection(), name: 'Analyst', instructions: 'You configure.', outputSchema: ConfigData })
    }
  }

  /** The instructions of its agent follow from what it was made with. */
  @Runnable({ input: ProcessInput, output: String })
  class CodingState extends AgentRunnable<ProcessInput, string> {
    language = ''

    get agent(): Agent {
      return new Agent({ ...connection(), name: 'Coder', instructions: `You write ${this.language}.` })
    }
  }

  @Runnable({ input: ProcessInput, output: String })
  class AnalysisState extends AgentRunnable<ProcessInput, string> {
    dataSources: readonly string[] = []

    get agent(): Agent {
      return new Agent({
        ...connection(),
        name: 'Analyst',
        instructions: `You read ${this.dataSources.join(' and ')}.`,
      })
    }
  }

  @Runnable({ input: ProcessInput, output: String })
  class DefaultWorkflowState extends OrchestrationRunnable<ProcessInput, string> {
    invoke({ subject }: ProcessInput): string {
      return `${subject} by hand`
    }
  }

  @Advancer({ to: [CodingState, AnalysisState, DefaultWorkflowState] })
  class DynamicAdvancer extends OrchestrationAdvancer<ConfigData, ProcessInput> {
    getNextRunnable(config: ConfigData): OrchestrationRunnable<ProcessInput, string> {
      switch (config.workflowType) {
        case 'coding':
          return Object.assign(new CodingState(), { language: config.language })
        case 'analysis':
          return Object.assign(new AnalysisState(), { dataSources: config.dataSources })
        default:
          return new DefaultWorkflowState()
      }
    }

    override convertOutput({ subject }: ConfigData): ProcessInput {
      return { subject }
    }
  }

  @OrchestrationOptions({ input: String, output: String })
  class DynamicOrchestration extends Orchestration<string, string> {
    constructor() {
      super()
      this.initialRunnable = new AnalysingRequest().setAdvancer(new DynamicAdvancer())
    }
  }

  it('S4-10 S4-11 go where the model says, with agents made of what it says, runs side by side', async () => {
    const config = { subject: 'a parser', language: 'TypeScript', dataSources: ['logs', 'metrics'] }
    server.answers('You configure.', ({ text }) => ({ json: { ...config, workflowType: text } }))
    server.answers('You write TypeScript.', ({ text }) => `code for ${text}`)
    server.answers('You read logs and metrics.', ({ text }) => `insight into ${text}`)
    const orchestration = new DynamicOrchestration()
    const results = await Promise.all(['coding', 'analysis', 'other'].map(type => orchestration.run(type)))
    expect(results).toEqual([
      'code for {"subject":"a parser"}',
      'insight into {"subject":"a parser"}',
      'a parser by hand',
    ])
  })

  it('S4-10 are repaired once where the model chooses what does not exist, then fail with the path', async () => {
    server.answers('You configure.', {
      json: { workflowType: 'cooking', subject: 'x', language: 'x', dataSources: [] },
    })
    await expect(new DynamicOrchestration().run('x')).rejects.toMatchObject({
      stateName: 'AnalysingRequest',
      cause: { code: 'MODEL_OUTPUT_INVALID', issues: [{ path: 'workflowType' }] },
    })
    expect(server.requests).toHaveLength(2)
    expect(server.requests[1]?.messages.at(-1)?.content).toContain('workflowType')
  })
})

describe('parallel work inside a state, over HTTP', () => {
  class DataInput {
    @IsString({ each: true }) dataItems!: string[]
  }

  class ProcessedData {
    @IsString({ each: true }) processedItems!: string[]
    @IsString() validationResult!: string
    @IsDate() @Type(() => Date) processedAt!: Date
  }

  @Runnable({ input: DataInput, output: ProcessedData })
  class ParallelProcessingState extends OrchestrationRunnable<DataInput, ProcessedData> {
    async invoke({ dataItems }: DataInput, context: RunContext): Promise<ProcessedData> {
      const { connection } = server
      const data = new Agent({ ...connection, name: 'Data', instructions: 'Process data elements' })
      const validation = new Agent({ ...connection, name: 'Validation', instructions: 'Validate processing results' })
      const done = await Promise.all(dataItems.map(item => AgentRunner.run(data, `Process: ${item}`, { context })))
      const processedItems = done.map(({ output }) => output)
      const asked = `Validate these processed items: ${processedItems.join(', ')}`
      const { output: validationResult } = await AgentRunner.run(validation, asked, { context })
      return { processedItems, validationResult, processedAt: new Date(context.now()) }
    }
  }

  class ParallelOrchestration extends Orchestration<DataInput, ProcessedData> {
    override initialRunnable = new ParallelProcessingState()
  }

  it('S4-22 asks for all items at once, keeps their order, and has them validated', async () => {
    const waiting: (() => void)[] = []
    server.answers('Process data elements', async ({ text }) => {
      // Nobody is answered until all three have asked, and then the last one first.
      await new Promise<void>(resolve => {
        waiting.unshift(resolve)
        if (waiting.length === 3) for (const each of waiting) each()
      })
      return text.replace('Process: ', '').toUpperCase()
    })
    server.answers('Validate processing results', ({ text }) => `checked ${text.split(': ')[1]}`)
    const clock = new ManualClock(Date.UTC(2030, 0, 1))
    const run = new ParallelOrchestration().start({ dataItems: ['apple', 'pear', 'plum'] }, { clock })
    const events = new EventRecorder(run)
    expect(await run.result).toEqual({
      processedItems: ['APPLE', 'PEAR', 'PLUM'],
      validationResult: 'checked APPLE, PEAR, PLUM',
      processedAt: new Date(clock.now()),
    })
    expect(events.ofType('agent.usage')).toHaveLength(4)
  })
})

describe('a resilient state, over HTTP', () => {
  class OutputData {
    @IsString() content!: string
    @IsBoolean() success!: boolean
    @IsInt() attempt!: number
  }

  const failed = 'Processing failed after maximum retries'

  class ResilientRunnable extends OrchestrationRunnable<string, OutputData> {
    readonly log: string[] = []

    constructor(readonly connection: Connection) {
      super()
    }

    async invoke(input: string, context: RunContext): Promise<OutputData> {
      const agent = new Agent({ ...this.connection, instructions: 'Process with error handling' })
      for (let attempt = 1; attempt <= 3; attempt++) {
        try {
          const { output } = await AgentRunner.run(agent, input, { context })
          return { content: output, success: true, attempt }
        } catch (thrown) {
          context.signal.throwIfAborted()
          this.log.push(`Attempt ${attempt} failed: ${(thrown as Error).message}`)
          if (attempt < 3) await context.sleep(2_000)
        }
      }
      return { content: failed, success: false, attempt: 3 }
    }
  }

  const machine = (state: ResilientRunnable) =>
    new (class Resilient extends Orchestration<string, OutputData> {
      override initialRunnable = state
    })()

  it.each([
    ['recovers', 'fine', { content: 'fine', success: true, attempt: 3 }],
    ['does not', { status: 500 }, { content: failed, success: false, attempt: 3 }],
  ])('S4-23 tries three times, two seconds apart; the server %s', async (_, last, expected) => {
    server.answers('Process with error handling', { status: 500 }, { status: 503 }, last)
    const state = new ResilientRunnable(server.connection)
    const clock = new ManualClock()
    const run = machine(state).start('x', { clock })
    const times: number[] = []
    const result = run.result.then(output => {
      times.push(clock.now())
      return output
    })
    for (let answered = 1; answered < 3; answered++) {
      await expect.poll(() => state.log.length).toBe(answered)
      await clock.advance(2_000)
    }
    expect(await result).toEqual(expected)
    expect(times).toEqual([4_000])
    expect(state.log[0]).toMatch(
      /^Attempt 1 failed: The call to model "gpt-4.1-mini" failed: 500 .*Trying again can help/,
    )
    expect(server.requests).toHaveLength(3)
  })

  it('S4-23 is a retry policy in one line, and each retry an event', async () => {
    server.answers('Process with error handling', { status: 500 }, { status: 503 }, 'fine')
    class Working extends AgentRunnable<string, string> {
      readonly agent = new Agent({ ...server.connection, instructions: 'Process with error handling' })
    }
    class Resilient extends Orchestration<string, string> {
      override initialRunnable = new Working().configure({
        interceptors: [retry({ maxAttempts: 3, initialDelayMs: 0 })],
      })
    }
    const run = new Resilient().start('x')
    const events = new EventRecorder(run)
    expect(await run.result).toBe('fine')
    expect(events.ofType('state.retrying')).toMatchObject([
      { stateName: 'Working', error: { code: 'MODEL_FAILED' } },
      { stateName: 'Working', error: { code: 'MODEL_FAILED' } },
    ])
  })
})
