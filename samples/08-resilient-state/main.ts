// A state that deals with failures itself: it tries three times, waits in between on the run's clock, and in the end returns
// an output that says it failed, so that the workflow can go on.
import assert from 'node:assert/strict'
import {
  Agent,
  type AgentOptions,
  AgentRunner,
  Orchestration,
  OrchestrationOptions,
  OrchestrationRunnable,
  type RunContext,
  Runnable,
} from 'advancer'
import { ManualClock, ScriptedModel } from 'advancer/testing'
import { IsBoolean, IsInt, IsString, Max, Min } from 'class-validator'

const maxRetries = 3
const retryDelayMs = 2_000

class InputData {
  @IsString() content!: string
}

class OutputData {
  @IsString() content!: string
  @IsBoolean() success!: boolean
  @IsInt() @Min(1) @Max(maxRetries) attempt!: number
}

@Runnable({ input: InputData, output: OutputData })
class ResilientRunnable extends OrchestrationRunnable<InputData, OutputData> {
  readonly #agent: Agent

  constructor(client: AgentOptions['client'], model: string) {
    super()
    this.#agent = new Agent({ client, model, instructions: 'Process with error handling' })
  }

  async invoke(input: InputData, context: RunContext): Promise<OutputData> {
    for (let attempt = 1; attempt <= maxRetries; attempt++) {
      try {
        const { output } = await AgentRunner.run(this.#agent, input.content, { context })
        return { content: output, success: true, attempt }
      } catch (error) {
        // A cancelled run is no failed attempt.
        context.signal.throwIfAborted()
        console.log(`Attempt ${attempt} failed: ${(error as Error).message}`)
        if (attempt < maxRetries) await context.sleep(retryDelayMs)
      }
    }
    return { content: 'Processing failed after maximum retries', success: false, attempt: maxRetries }
  }
}

@OrchestrationOptions({ input: InputData, output: OutputData })
class ResilientOrchestration extends Orchestration<InputData, OutputData> {
  constructor(client: AgentOptions['client'], model: string) {
    super()
    this.initialRunnable = new ResilientRunnable(client, model)
  }
}

// The server recovers after two failures; the four seconds between the attempts take no time.
const overloaded = new Error('The server is overloaded')
const recovering = new ScriptedModel([overloaded, overloaded, 'Processed.'])
const clock = new ManualClock()
const run = new ResilientOrchestration(recovering, 'scripted').start({ content: 'Hello' }, { clock })
await clock.advance(2 * retryDelayMs)
const output = await run.result
console.log(`Attempt ${output.attempt}: ${output.content}`)
assert.equal(output.attempt, 3)
assert.ok(output.success)
recovering.assertDone()

// It never does.
const broken = new ScriptedModel([overloaded, overloaded, overloaded])
const hopeless = new ResilientOrchestration(broken, 'scripted').start({ content: 'Hello' }, { clock })
await clock.advance(2 * retryDelayMs)
const failure = await hopeless.result
console.log(failure.content)
assert.deepEqual([failure.success, failure.attempt], [false, 3])
assert.equal(failure.content, 'Processing failed after maximum retries')
