// Parallel work inside one state: an agent works on all items at once, a second one validates what came of them. The model
// follows a script here; a state gets its client from outside, so it does not know the difference.
import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  Agent,
  AgentRunner,
  type ModelClient,
  Orchestration,
  OrchestrationOptions,
  OrchestrationRunnable,
  type RunContext,
  Runnable,
  textOf,
} from 'advancer'
import { ManualClock, ScriptedModel, type ScriptedReply } from 'advancer/testing'
import { Type } from 'class-transformer'
import { ArrayNotEmpty, IsDate, IsString } from 'class-validator'

class DataInput {
  @IsString({ each: true }) @ArrayNotEmpty() dataItems!: string[]
}

class ProcessedData {
  @IsString({ each: true }) processedItems!: string[]
  @IsString() validationResult!: string
  @IsDate() @Type(() => Date) processedAt!: Date
}

@Runnable({ input: DataInput, output: ProcessedData })
class ParallelProcessingState extends OrchestrationRunnable<DataInput, ProcessedData> {
  // Made once and shared by all runs: an agent keeps nothing of a conversation.
  readonly #dataAgent: Agent
  readonly #validationAgent: Agent

  constructor(client: ModelClient, model: string) {
    super()
    this.#dataAgent = new Agent({ client, model, name: 'Processor', instructions: 'Process data elements' })
    this.#validationAgent = new Agent({ client, model, name: 'Validator', instructions: 'Validate processing results' })
  }

  async invoke({ dataItems }: DataInput, context: RunContext): Promise<ProcessedData> {
    const results = await Promise.all(
      dataItems.map(item => AgentRunner.run(this.#dataAgent, `Process: ${item}`, { context })),
    )
    const processedItems = results.map(result => result.output)
    const validation = await AgentRunner.run(
      this.#validationAgent,
      `Validate these processed items: ${processedItems.join(', ')}`,
      { context },
    )
    // The run's clock, not the system's: then a test decides what time it is.
    return { processedItems, validationResult: validation.output, processedAt: new Date(context.now()) }
  }
}

@OrchestrationOptions({ input: DataInput, output: ProcessedData })
class DataOrchestration extends Orchestration<DataInput, ProcessedData> {
  constructor(client: ModelClient, model: string) {
    super()
    this.initialRunnable = new ParallelProcessingState(client, model)
  }
}

// Three calls to process, in whatever order they are answered, and one to validate.
let busy = 0
let mostBusy = 0
const shout: ScriptedReply = async ({ messages }) => {
  mostBusy = Math.max(mostBusy, ++busy)
  await nextTurn()
  busy--
  return textOf(messages.at(-1)).replace('Process: ', '').toUpperCase()
}
const model = new ScriptedModel([shout, shout, shout, 'All items are in capitals.'])
const clock = new ManualClock(Date.UTC(2030, 0, 1))

const orchestration = new DataOrchestration(model, 'scripted')
const result = await orchestration.run({ dataItems: ['apple', 'pear', 'plum'] }, { clock })
console.log(`${result.processedItems.join(', ')} at ${result.processedAt.toISOString()}`)
console.log(result.validationResult)

assert.deepEqual(result.processedItems, ['APPLE', 'PEAR', 'PLUM'])
assert.equal(result.processedAt.getTime(), clock.now())
assert.equal(mostBusy, 3)
assert.match(textOf(model.requests.at(-1)?.messages.at(-1)), /APPLE, PEAR, PLUM/)
model.assertDone()
