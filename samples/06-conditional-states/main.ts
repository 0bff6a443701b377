// Conditional states: an advancer decides whether to go on, converts the output, and chooses the next state.
import assert from 'node:assert/strict'
import {
  Advancer,
  Orchestration,
  OrchestrationAdvancer,
  OrchestrationOptions,
  OrchestrationRunnable,
  Runnable,
  type RunnableClass,
} from 'advancer'
import { IsBoolean, IsObject, IsString } from 'class-validator'

class AnalysisResult {
  @IsString() data!: string
  @IsBoolean() requiresProcessing!: boolean
  @IsString() processingType!: string
  @IsObject() processingParameters!: Record<string, string>
}

class ProcessingInput {
  @IsString() data!: string
  @IsString() processingType!: string
  @IsObject() parameters!: Record<string, string>
}

@Runnable({ input: ProcessingInput, output: String })
class DataProcessingState extends OrchestrationRunnable<ProcessingInput, string> {
  invoke({ data, parameters }: ProcessingInput): string {
    return `data: ${data.split(',').length} values in ${parameters.unit ?? 'no unit'}`
  }
}

@Runnable({ input: ProcessingInput, output: String })
class TextProcessingState extends OrchestrationRunnable<ProcessingInput, string> {
  invoke({ data }: ProcessingInput): string {
    return `text: ${data.split(' ').length} words`
  }
}

@Runnable({ input: ProcessingInput, output: String })
class ImageProcessingState extends OrchestrationRunnable<ProcessingInput, string> {
  invoke({ data }: ProcessingInput): string {
    return `image: ${data}`
  }
}

@Runnable({ input: ProcessingInput, output: String })
class DefaultProcessingState extends OrchestrationRunnable<ProcessingInput, string> {
  invoke({ processingType }: ProcessingInput): string {
    return `nobody knows how to process "${processingType}"`
  }
}

// Declared targets need not be registered, and are checked before the first run.
@Advancer({ to: [DataProcessingState, TextProcessingState, ImageProcessingState, DefaultProcessingState] })
class ConditionalAdvancer extends OrchestrationAdvancer<AnalysisResult, ProcessingInput> {
  override shouldAdvance(output: AnalysisResult): boolean {
    return output.requiresProcessing
  }

  getNextRunnable(output: AnalysisResult): RunnableClass<ProcessingInput> {
    switch (output.processingType) {
      case 'data':
        return DataProcessingState
      case 'text':
        return TextProcessingState
      case 'image':
        return ImageProcessingState
      default:
        return DefaultProcessingState
    }
  }

  override convertOutput({ data, processingType, processingParameters }: AnalysisResult): ProcessingInput {
    return { data, processingType, parameters: processingParameters }
  }
}

@Runnable({ input: String, output: AnalysisResult })
class AnalysisState extends OrchestrationRunnable<string, AnalysisResult> {
  invoke(request: string): AnalysisResult {
    const [processingType = '', data = ''] = request.split(': ')
    return { data, processingType, requiresProcessing: data !== '', processingParameters: { unit: 'kWh' } }
  }
}

@OrchestrationOptions({ input: String, output: String })
class ConditionalOrchestration extends Orchestration<string, string> {
  constructor() {
    super()
    this.initialRunnable = new AnalysisState().setAdvancer(new ConditionalAdvancer())
  }
}

const orchestration = new ConditionalOrchestration()
for (const [request, expected] of [
  ['data: 3,5,8', 'data: 3 values in kWh'],
  ['text: a few words', 'text: 3 words'],
  ['image: sunset.png', 'image: sunset.png'],
  ['sound: hum.wav', 'nobody knows how to process "sound"'],
] as const) {
  const result = await orchestration.run(request)
  console.log(`${request} → ${result}`)
  assert.equal(result, expected)
}

// shouldAdvance() says no, and there is no other way: an error, not an empty result.
await assert.rejects(orchestration.run('text: '), /Unable to advance to next state/)
