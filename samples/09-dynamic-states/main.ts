// Dynamic states: an advancer makes the next state while the run is under way, with properties set from the data. A fresh
// instance takes its name and its ways on from the registered state of its class.
import assert from 'node:assert/strict'
import {
  Advancer,
  Orchestration,
  OrchestrationAdvancer,
  OrchestrationOptions,
  OrchestrationRunnable,
  Runnable,
} from 'advancer'
import { IsIn, IsString } from 'class-validator'

class ConfigData {
  @IsIn(['coding', 'analysis', 'other']) workflowType!: string
  @IsString() subject!: string
  @IsString() language: string = 'TypeScript'
  @IsString({ each: true }) dataSources: string[] = []
}

class ProcessInput {
  @IsString() subject!: string
}

@Runnable({ input: ProcessInput, output: String })
class CodingState extends OrchestrationRunnable<ProcessInput, string> {
  language = 'unknown'
  framework = 'none'

  invoke({ subject }: ProcessInput): string {
    return `${subject} in ${this.language} with ${this.framework}`
  }
}

@Runnable({ input: ProcessInput, output: String })
class AnalysisState extends OrchestrationRunnable<ProcessInput, string> {
  dataSources: readonly string[] = []

  invoke({ subject }: ProcessInput): string {
    return `${subject} from ${this.dataSources.join(' and ')}`
  }
}

@Runnable({ input: ProcessInput, output: String })
class DefaultWorkflowState extends OrchestrationRunnable<ProcessInput, string> {
  invoke({ subject }: ProcessInput): string {
    return `${subject} by hand`
  }
}

@Runnable({ input: String, output: String })
class Announcing extends OrchestrationRunnable<string, string> {
  invoke(work: string): string {
    return `Done: ${work}`
  }
}

@Advancer({ to: [CodingState, AnalysisState, DefaultWorkflowState] })
class DynamicAdvancer extends OrchestrationAdvancer<ConfigData, ProcessInput> {
  getNextRunnable(config: ConfigData): OrchestrationRunnable<ProcessInput, string> {
    switch (config.workflowType) {
      case 'coding':
        return Object.assign(new CodingState(), { language: config.language, framework: 'vitest' })
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

@Runnable({ input: ConfigData, output: ConfigData, advancers: [DynamicAdvancer] })
class ConfigurationState extends OrchestrationRunnable<ConfigData, ConfigData> {
  invoke(config: ConfigData): ConfigData {
    return config
  }
}

@OrchestrationOptions({ input: ConfigData, output: String })
class DynamicOrchestration extends Orchestration<ConfigData, string> {
  constructor() {
    super()
    this.initialRunnable = new ConfigurationState()
    this.register(
      new CodingState().addAdvancer(Announcing),
      new AnalysisState().addAdvancer(Announcing),
      new DefaultWorkflowState().addAdvancer(Announcing),
    )
  }
}

const orchestration = new DynamicOrchestration()
const config = { workflowType: 'other', subject: 'a parser', language: 'Rust', dataSources: ['logs', 'metrics'] }
// Side by side, to show that runs share the definition and nothing else.
const results = await Promise.all([
  orchestration.run({ ...config, workflowType: 'coding' }),
  orchestration.run({ ...config, workflowType: 'coding', language: 'Zig' }),
  orchestration.run({ ...config, workflowType: 'analysis', subject: 'an outage' }),
  orchestration.run(config),
])
for (const result of results) console.log(result)
assert.deepEqual(results, [
  'Done: a parser in Rust with vitest',
  'Done: a parser in Zig with vitest',
  'Done: an outage from logs and metrics',
  'Done: a parser by hand',
])
