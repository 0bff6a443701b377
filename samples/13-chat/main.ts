// An orchestration as a chat assistant: through the configuration that comes with the package, and through a class of your own.
import assert from 'node:assert/strict'
import {
  ChatMessage,
  ChatMessageRoles,
  ChatRuntime,
  Orchestration,
  OrchestrationOptions,
  OrchestrationRunnable,
  OrchestrationRuntimeConfiguration,
  Runnable,
  type RuntimeConfiguration,
  type RuntimeEventHandler,
} from 'advancer'
import { IsNotEmpty, IsString } from 'class-validator'

class Findings {
  @IsString() topic!: string
  @IsString({ each: true }) facts!: string[]
}

class ReportData {
  @IsString() @IsNotEmpty() title!: string
  @IsString() content!: string
}

@Runnable({ input: String, output: Findings })
class ResearchState extends OrchestrationRunnable<string, Findings> {
  invoke(request: string): Findings {
    const topic = request.replace(/^research /i, '')
    return { topic, facts: [`${topic} is old`, `${topic} is popular`] }
  }
}

@Runnable({ input: Findings, output: ReportData })
class ReportingState extends OrchestrationRunnable<Findings, ReportData> {
  invoke({ topic, facts }: Findings): ReportData {
    return { title: topic, content: `About ${topic}: ${facts.join(', ')}.` }
  }
}

@OrchestrationOptions({ input: String, output: ReportData })
class ResearchOrchestration extends Orchestration<string, ReportData> {
  constructor() {
    super()
    this.initialRunnable = new ResearchState().addAdvancer(ReportingState)
  }
}

// Each message is a run; its events arrive in the chat's stream.
const configuration = new OrchestrationRuntimeConfiguration(new ResearchOrchestration(), {
  toMessage: report => report.content,
})
const runtime = new ChatRuntime(configuration)
const states: string[] = []
runtime.events$.subscribe(event => {
  if (event.type === 'runtime.orchestration' && event.event.type === 'state.started') states.push(event.event.stateName)
})

const reply = await runtime.invoke(new ChatMessage(ChatMessageRoles.User, 'Research chess'))
console.log(`${reply.role}: ${reply.content} (${states.join(' → ')})`)
assert.equal(reply.role, ChatMessageRoles.Assistant)
assert.equal(reply.content, 'About chess: chess is old, chess is popular.')
assert.deepEqual(states, ['ResearchState', 'ReportingState'])

await runtime.invoke('Research go')
const history = await runtime.messages
console.log(history.map(message => `${message.role}: ${message.content}`).join('\n'))
assert.deepEqual(
  history.map(message => message.role),
  ['user', 'assistant', 'user', 'assistant'],
)

/** A configuration of your own has one method. It decides what a message means and what the reply is. */
class TitleConfiguration implements RuntimeConfiguration {
  readonly #orchestration: Orchestration<string, ReportData>

  constructor(orchestration: Orchestration<string, ReportData>) {
    this.#orchestration = orchestration
  }

  async invoke(input: ChatMessage, _onRuntimeEvent?: RuntimeEventHandler, signal?: AbortSignal): Promise<ChatMessage> {
    const result = await this.#orchestration.run(input.content, signal === undefined ? {} : { signal })
    return new ChatMessage(ChatMessageRoles.Assistant, result.title)
  }
}

const titles = new ChatRuntime(new TitleConfiguration(new ResearchOrchestration()))
const title = await titles.invoke(new ChatMessage(ChatMessageRoles.User, 'Research backgammon'))
console.log(`${title.role}: ${title.content}`)
assert.equal(title.content, 'backgammon')
