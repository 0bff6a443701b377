import 'reflect-metadata'
import { Type } from 'class-transformer'
import { IsArray, IsNotEmpty, IsString, ValidateNested } from 'class-validator'
import { describe, expect, it } from 'vitest'
import {
  Advancer,
  Orchestration,
  OrchestrationAdvancer,
  OrchestrationEventType,
  OrchestrationOptions,
  OrchestrationRunnable,
  type RunContext,
  Runnable,
} from '../../src/core/index.js'
import { Description } from '../../src/schema/index.js'
import { begin, machine, pass, rejection } from './machines.js'

class WebSearchItem {
  @Description('Search query')
  @IsString()
  query!: string
  @IsString()
  informationType!: string
}
class WebSearchPlan {
  @Description('List of search queries to execute')
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => WebSearchItem)
  searchItems!: WebSearchItem[]
  @IsString()
  topic!: string
}
class ReportData {
  @IsString()
  @IsNotEmpty()
  title!: string
  @IsString()
  content!: string
  @IsString()
  summary!: string
}

class PlanningAdvancer extends OrchestrationAdvancer<WebSearchPlan> {
  override shouldAdvance() {
    return true
  }
  override convertOutput(plan: WebSearchPlan) {
    return plan
  }
  getNextRunnable() {
    return new ResearchState()
  }
}
class ResearchAdvancer extends OrchestrationAdvancer<string> {
  override shouldAdvance(findings: string) {
    return findings !== ''
  }
  getNextRunnable() {
    return new ReportingState()
  }
}

@Runnable({ input: String, output: WebSearchPlan })
class PlanningState extends OrchestrationRunnable<string, WebSearchPlan> {
  async invoke(topic: string) {
    return Promise.resolve({ topic, searchItems: [{ query: `${topic} today`, informationType: 'facts' }] })
  }
}
@Runnable({ input: WebSearchPlan, output: String })
class ResearchState extends OrchestrationRunnable<WebSearchPlan, string> {
  async invoke(plan: WebSearchPlan) {
    return Promise.resolve(plan.searchItems.map(item => `Results for ${item.query}`).join('\n'))
  }
}
@Runnable({ input: String, output: ReportData })
class ReportingState extends OrchestrationRunnable<string, ReportData> {
  async invoke(findings: string) {
    return Promise.resolve({ title: 'Report', content: findings, summary: findings.slice(0, 7) })
  }
}

@OrchestrationOptions({ input: String, output: ReportData })
class ResearchOrchestration extends Orchestration<string, ReportData> {
  constructor() {
    super()
    const planningState = new PlanningState()
    planningState.setAdvancer(new PlanningAdvancer())
    const researchState = new ResearchState()
    researchState.setAdvancer(new ResearchAdvancer())
    const reportingState = new ReportingState()
    this.initialRunnable = planningState
    this.register(researchState, reportingState)
  }
}

describe('the research example of S4 (S4-01 … S4-17, S4-06)', () => {
  it('C1 runs as written: new states made by advancers go on as the registered ones', async () => {
    const report = await new ResearchOrchestration().run('AI in healthcare')
    expect(report).toBeInstanceOf(ReportData)
    expect(report).toEqual({ title: 'Report', content: 'Results for AI in healthcare today', summary: 'Results' })
  })

  it('C1 S4-15 without that inheritance it raises, instead of returning a string where a report is promised', async () => {
    @OrchestrationOptions({ input: String, output: ReportData })
    class Unconnected extends Orchestration<string, ReportData> {
      constructor() {
        super()
        this.initialRunnable = new PlanningState().setAdvancer(new PlanningAdvancer())
        this.register(new ResearchState())
      }
    }
    await expect(new Unconnected().run('x')).rejects.toThrow(
      'the orchestration returns ReportData, but "ResearchState", where it can end, returns string',
    )
    class Untyped extends OrchestrationRunnable<WebSearchPlan, string> {
      invoke() {
        return 'only a string'
      }
    }
    class ToUntyped extends OrchestrationAdvancer<WebSearchPlan> {
      getNextRunnable() {
        return new Untyped()
      }
    }
    @OrchestrationOptions({ input: String, output: ReportData })
    class Undeclared extends Orchestration<string, ReportData> {
      constructor() {
        super()
        this.initialRunnable = new PlanningState().setAdvancer(new ToUntyped())
        this.register(new Untyped())
      }
    }
    await expect(new Undeclared().run('x')).rejects.toThrow('Output of orchestration "Undeclared" is not a ReportData')
  })

  it('S4-24 S4-25 C7 tells its events to an asynchronous handler', async () => {
    const lines: string[] = []
    const orchestration = new ResearchOrchestration()
    orchestration.onOrchestrationEvent = async event => {
      switch (event.type) {
        case OrchestrationEventType.StateStarted:
          lines.push(`started ${event.stateName}`)
          break
        case OrchestrationEventType.StateCompleted:
          lines.push(`completed ${event.stateName}`)
          break
        case OrchestrationEventType.StateTransition:
          lines.push(`${event.fromState} → ${event.toState}`)
          break
        case OrchestrationEventType.OrchestrationCompleted:
          lines.push('done')
          break
        case OrchestrationEventType.OrchestrationFailed:
          lines.push(`failed: ${event.errorMessage}`)
          break
        default:
          await Promise.resolve()
      }
    }
    await orchestration.run('AI')
    expect(lines).toEqual([
      'started PlanningState',
      'completed PlanningState',
      'PlanningState → ResearchState',
      'started ResearchState',
      'completed ResearchState',
      'ResearchState → ReportingState',
      'started ReportingState',
      'completed ReportingState',
      'done',
    ])
  })
})

interface Analysis {
  requiresProcessing: boolean
  processingType: string
  data: string
}
interface ProcessingInput {
  data: string
  kind: string
}
class Processing extends OrchestrationRunnable<ProcessingInput, string> {
  invoke({ data, kind }: ProcessingInput) {
    return `${this.constructor.name}: ${data} (${kind})`
  }
}
class DataProcessing extends Processing {}
class TextProcessing extends Processing {}
class ImageProcessing extends Processing {}
class DefaultProcessing extends Processing {}

@Advancer({ to: [DataProcessing, TextProcessing, ImageProcessing, DefaultProcessing] })
class ConditionalAdvancer extends OrchestrationAdvancer<Analysis, ProcessingInput> {
  override shouldAdvance(analysis: Analysis) {
    return analysis.requiresProcessing
  }
  getNextRunnable({ processingType }: Analysis) {
    switch (processingType) {
      case 'data':
        return new DataProcessing()
      case 'text':
        return new TextProcessing()
      case 'image':
        return new ImageProcessing()
      default:
        return new DefaultProcessing()
    }
  }
  override convertOutput({ data, processingType }: Analysis) {
    return { data, kind: processingType }
  }
}

describe('the conditional example of S4 (S4-10)', () => {
  const orchestration = machine<Analysis>(pass<Analysis>('Analysis').setAdvancer(new ConditionalAdvancer()))
  it.each([
    ['data', 'DataProcessing'],
    ['text', 'TextProcessing'],
    ['image', 'ImageProcessing'],
    ['sound', 'DefaultProcessing'],
  ])('leads %s to %s', async (processingType, state) => {
    expect(await orchestration.run({ requiresProcessing: true, processingType, data: 'x' })).toBe(
      `${state}: x (${processingType})`,
    )
  })

  it('does not advance what needs no processing, and says so', async () => {
    const error = await rejection(orchestration.run({ requiresProcessing: false, processingType: 'data', data: 'x' }))
    expect(error.message).toContain(
      'Unable to advance to next state from "Analysis": none of its advancers (ConditionalAdvancer)',
    )
  })
})

describe('the parallel example of S4 (S4-22)', () => {
  it('processes items at once inside a state', async () => {
    class ParallelProcessing extends OrchestrationRunnable<
      { items: string[] },
      { processed: string[]; validation: string; processedAt: number }
    > {
      async invoke({ items }: { items: string[] }, context: RunContext) {
        const processed = await Promise.all(
          items.map(async item => {
            await context.sleep(100)
            return item.toUpperCase()
          }),
        )
        return { processed, validation: `valid: ${processed.join(', ')}`, processedAt: context.now() }
      }
    }
    const { clock, run } = begin(machine(new ParallelProcessing() as never), { items: ['a', 'b'] } as unknown)
    await clock.advance(100)
    expect(await run.result).toEqual({ processed: ['A', 'B'], validation: 'valid: A, B', processedAt: 100 })
  })
})

describe('the resilient example of S4 (S4-23)', () => {
  class Resilient extends OrchestrationRunnable<number, { content: string; success: boolean; attempt: number }> {
    readonly log: string[] = []
    async invoke(failures: number, context: RunContext) {
      for (let attempt = 1; attempt <= 3; attempt++) {
        try {
          if (attempt <= failures) throw new Error('no answer')
          return { content: 'processed', success: true, attempt }
        } catch (thrown) {
          if (attempt === 3) break
          this.log.push(`Attempt ${attempt} failed: ${(thrown as Error).message}`)
          await context.sleep(2000)
        }
      }
      return { content: 'Processing failed after maximum retries', success: false, attempt: 3 }
    }
  }

  it.each([
    [2, 4000, { content: 'processed', success: true, attempt: 3 }],
    [3, 4000, { content: 'Processing failed after maximum retries', success: false, attempt: 3 }],
  ])('with %d failures waits %d ms and returns %o', async (failures, ms, expected) => {
    const state = new Resilient()
    const { clock, run } = begin(machine<number>(state), failures)
    await clock.advance(ms - 1)
    expect(run.status).toBe('running')
    await clock.advance(1)
    expect(await run.result).toEqual(expected)
    expect(state.log).toEqual(['Attempt 1 failed: no answer', 'Attempt 2 failed: no answer'])
  })
})

describe('the dynamic example of S4 (S4-11)', () => {
  interface Config {
    workflowType: string
    language?: string
    dataSources?: string[]
  }
  class CodingState extends OrchestrationRunnable<Config, string> {
    language = ''
    invoke() {
      return `code in ${this.language}`
    }
  }
  class AnalysisState extends OrchestrationRunnable<Config, string> {
    dataSources: string[] = []
    invoke() {
      return `analysis of ${this.dataSources.join()}`
    }
  }
  class DefaultWorkflowState extends OrchestrationRunnable<Config, string> {
    invoke() {
      return 'default'
    }
  }
  class DynamicAdvancer extends OrchestrationAdvancer<Config> {
    getNextRunnable(config: Config) {
      switch (config.workflowType) {
        case 'coding':
          return Object.assign(new CodingState(), { language: config.language })
        case 'analysis':
          return Object.assign(new AnalysisState(), { dataSources: config.dataSources })
        default:
          return new DefaultWorkflowState()
      }
    }
  }

  it('overrides getNextRunnable only, and makes states whose fields come from the data', async () => {
    const orchestration = machine<Config, string>(
      pass<Config>('Configure').setAdvancer(new DynamicAdvancer()),
      new CodingState(),
      new AnalysisState(),
      new DefaultWorkflowState(),
    )
    const configs = [
      { workflowType: 'coding', language: 'TypeScript' },
      { workflowType: 'analysis', dataSources: ['a', 'b'] },
      { workflowType: '?' },
    ]
    expect(await Promise.all(configs.map(async config => orchestration.run(config)))).toEqual([
      'code in TypeScript',
      'analysis of a,b',
      'default',
    ])
  })
})
