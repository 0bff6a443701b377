import { firstValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { Agent, AgentRunnable, AgentRunner, type ModelRequest, textOf, tool } from '../../src/agents/index.js'
import { Orchestration, OrchestrationRunnable, type RunContext, Runnable } from '../../src/core/index.js'
import { ScriptedModel } from '../../src/testing/index.js'
import { SearchItem, SearchPlan } from './payloads.js'

@Runnable({ input: String, output: SearchPlan })
class Planning extends AgentRunnable<string, SearchPlan> {
  readonly agent

  constructor(client: ScriptedModel) {
    super()
    this.agent = new Agent({ client, model: 'scripted', name: 'Planner', outputSchema: SearchPlan })
  }
}

@Runnable({ input: SearchPlan, output: String })
class Research extends AgentRunnable<SearchPlan, string> {
  readonly agent

  constructor(client: ScriptedModel) {
    super()
    const search = tool({
      name: 'search',
      description: 'Searches',
      parameters: SearchItem,
      execute: ({ query }, { run }) => `${query} in ${run?.stateName} at ${run?.token}`,
    })
    this.agent = new Agent({ client, model: 'scripted', name: 'Researcher', tools: [search] })
  }
}

class ResearchOrchestration extends Orchestration<string, string> {
  constructor(client: ScriptedModel) {
    super()
    this.initialRunnable = new Planning(client).addAdvancer(plan => plan.items.length > 0, Research)
    this.register(new Research(client))
  }
}

const plan = { topic: 'x', items: [{ query: 'a', limit: null }] }

describe('a state whose work is an agent', () => {
  it('S4-17 turns its input into a prompt and its answer into a validated output', async () => {
    const client = new ScriptedModel([{ object: plan }, 'the findings'])
    expect(await new ResearchOrchestration(client).run('a topic')).toBe('the findings')
    expect(client.requests[0]?.messages.at(-1)?.content).toBe('a topic')
    const prompt = textOf(client.requests[1]?.messages.at(-1))
    expect(JSON.parse(prompt)).toMatchObject({ topic: 'x', items: [{ query: 'a' }] })
    client.assertDone()
  })

  it("sends the agent's events into the one stream of the run, with state and token, without gaps", async () => {
    const client = new ScriptedModel([
      { object: plan },
      { toolCalls: [{ name: 'search', arguments: { query: 'q', limit: null } }] },
      'found it',
    ])
    const run = new ResearchOrchestration(client).start('a topic')
    const events = await firstValueFrom(run.events$.pipe(toArray()))
    expect(events.map(event => event.seq)).toEqual(events.map((_, index) => index))
    const research = events.filter(event => 'stateName' in event && event.stateName === 'Research')
    expect(research.map(event => event.type)).toEqual([
      'state.started',
      'agent.usage',
      'agent.tool.called',
      'agent.tool.completed',
      'agent.delta',
      'agent.delta',
      'agent.usage',
      'state.completed',
    ])
    const completed = research.find(event => event.type === 'agent.tool.completed')
    expect(completed).toMatchObject({ token: '0:1', result: 'q in Research at 0:1', agent: 'Researcher' })
    expect(JSON.parse(JSON.stringify(events))).toHaveLength(events.length)
  })

  it('can ask in its own words, and with a conversation', async () => {
    class Asking extends Research {
      override prompt(plan: SearchPlan, context: RunContext) {
        return [
          { role: 'user', content: 'I will ask about something.' },
          { role: 'user', content: `${plan.topic} in ${context.stateName}` },
        ] as const
      }
    }
    class Asks extends Orchestration<SearchPlan, string> {
      constructor(client: ScriptedModel) {
        super()
        this.initialRunnable = new Asking(client)
      }
    }
    const client = new ScriptedModel(['fine'])
    await new Asks(client).run(plan as never)
    expect(client.requests[0]?.messages.map(message => message.content).slice(1)).toEqual([
      'I will ask about something.',
      'x in Asking',
    ])
  })

  it('fails the state with the typed error of the model', async () => {
    const client = new ScriptedModel(['no plan', 'still no plan'])
    await expect(new ResearchOrchestration(client).run('a topic')).rejects.toMatchObject({
      code: 'RUN_FAILED',
      stateName: 'Planning',
      cause: { code: 'MODEL_OUTPUT_INVALID' },
    })
  })

  it('is aborted with the run, down to the model', async () => {
    let seen: AbortSignal | undefined
    let reach = (): void => {}
    const reached = new Promise<void>(resolve => {
      reach = resolve
    })
    const client = new ScriptedModel([
      (_request, { signal }) => {
        seen = signal
        reach()
        return new Promise<never>(() => {})
      },
    ])
    const run = new ResearchOrchestration(client).start('a topic')
    await reached
    run.cancel('enough')
    await expect(run.result).rejects.toMatchObject({ code: 'RUN_CANCELLED' })
    expect(seen?.aborted).toBe(true)
  })

  it('S4-22 runs agents side by side inside one state', async () => {
    class Parallel extends OrchestrationRunnable<string[], string> {
      constructor(private readonly client: ScriptedModel) {
        super()
      }

      async invoke(items: string[], context: RunContext): Promise<string> {
        const worker = new Agent({ client: this.client, model: 'scripted', name: 'Worker' })
        const checker = new Agent({ client: this.client, model: 'scripted', name: 'Checker' })
        const done = await Promise.all(items.map(item => AgentRunner.run(worker, `Process: ${item}`, { context })))
        const all = done.map(result => textOf(result.messages.at(-1))).join(', ')
        return (await AgentRunner.run(checker, `Validate: ${all}`, { context })).output
      }
    }
    class Side extends Orchestration<string[], string> {
      constructor(client: ScriptedModel) {
        super()
        this.initialRunnable = new Parallel(client)
      }
    }
    const echo = (request: ModelRequest) => `<${textOf(request.messages.at(-1))}>`
    const client = new ScriptedModel([echo, echo, echo])
    expect(await new Side(client).run(['a', 'b'])).toBe('<Validate: <Process: a>, <Process: b>>')
  })
})
