import { describe, expect, it } from 'vitest'
import { ChatMessage, ChatMessageRoles, ChatRuntime, OrchestrationRuntimeConfiguration } from '../../src/chat/index.js'
import { OrchestrationEventType } from '../../src/core/index.js'
import { EventRecorder } from '../../src/testing/index.js'
import { DemoServer, textOf } from './demo-server.js'
import { instructions, ReportData, ResearchOrchestration } from './research-states.js'

const server = new DemoServer()
const plan = { topic: 'AI in healthcare', searchItems: [{ query: 'AI diagnostics', informationType: 'studies' }] }
const report = {
  title: 'AI in healthcare',
  content: '# Findings\n\nAI reads X-rays.',
  summary: 'AI helps to diagnose.',
}

function script(): void {
  server.answers(instructions.planner, { json: plan })
  server.answers(
    instructions.researcher,
    {
      calls: [
        ['web_search', { query: 'AI diagnostics' }],
        ['web_search', { query: 'AI costs' }],
      ],
    },
    ({ messages }) => messages.slice(-2).map(textOf).join(' and '),
  )
  server.answers(instructions.reporter, `\`\`\`json\n${JSON.stringify(report)}\n\`\`\``)
}

describe('the research report, over HTTP', () => {
  it('S4-16 S4-18 S4-19 S4-20 S4-21 plans, searches with a tool, and reports', async () => {
    script()
    const run = new ResearchOrchestration(server.connection).start('The future of AI in healthcare')
    const events = new EventRecorder(run)
    const result = await run.result
    expect(result).toBeInstanceOf(ReportData)
    expect(result).toEqual(report)

    const [planning, searching, found, reporting] = server.requests
    expect(server.requests).toHaveLength(4)
    expect(planning).toMatchObject({
      model: 'gpt-4.1-mini',
      messages: [
        { role: 'system', content: instructions.planner },
        { role: 'user', content: 'Create a research plan for: The future of AI in healthcare' },
      ],
      response_format: { type: 'json_schema', json_schema: { strict: true, name: 'WebSearchPlan' } },
    })
    expect(JSON.stringify(planning?.response_format)).toContain('"description":"List of search queries to execute"')
    expect(searching?.tools).toMatchObject([
      {
        function: {
          name: 'web_search',
          description: 'Search the web for information',
          parameters: { properties: { query: { type: 'string', description: 'What to search for' } } },
        },
      },
    ])
    expect(found?.messages.slice(-2).map(textOf)).toEqual([
      'Search results for: AI diagnostics',
      'Search results for: AI costs',
    ])
    expect(textOf(reporting?.messages.at(-1))).toMatch(
      /Search results for: AI diagnostics and Search results for: AI costs$/,
    )
    expect(reporting).not.toHaveProperty('response_format')
    expect(events.ofType('agent.tool.completed').map(({ stateName, agent }) => `${stateName}: ${agent}`)).toEqual([
      'ResearchState: Researcher',
      'ResearchState: Researcher',
    ])
  })

  it('S4-17 S4-24 S4-25 tells an asynchronous handler of every step, and of a failure with its words', async () => {
    script()
    const told: string[] = []
    const orchestration = new ResearchOrchestration(server.connection)
    orchestration.onOrchestrationEvent = async event => {
      switch (event.type) {
        case OrchestrationEventType.StateStarted:
          return void told.push(`started ${event.stateName}`)
        case OrchestrationEventType.StateCompleted:
          return void told.push(`completed ${event.stateName}`)
        case OrchestrationEventType.StateTransition:
          return void told.push(`${event.fromState} -> ${event.toState}`)
        case OrchestrationEventType.OrchestrationCompleted:
          return void told.push('done')
        default:
          return undefined
        case OrchestrationEventType.OrchestrationFailed:
          return void told.push(`failed: ${event.errorMessage}`)
      }
    }
    await orchestration.run('health')
    expect(told).toEqual([
      'started PlanningState',
      'completed PlanningState',
      'PlanningState -> ResearchState',
      'started ResearchState',
      'completed ResearchState',
      'ResearchState -> ReportingState',
      'started ReportingState',
      'completed ReportingState',
      'done',
    ])
  })

  it('S4-24 tells of a failure in words that name the state and the way out', async () => {
    server.answers(instructions.planner, { status: 400, message: 'There is no such model' })
    const orchestration = new ResearchOrchestration(server.connection)
    const told: unknown[] = []
    orchestration.onOrchestrationEvent = async event => void told.push(event)
    await expect(orchestration.run('health')).rejects.toMatchObject({ cause: { code: 'MODEL_FAILED', status: 400 } })
    expect(told.at(-1)).toMatchObject({
      type: OrchestrationEventType.OrchestrationFailed,
      errorMessage: expect.stringMatching(
        /"gpt-4.1-mini" failed: .*no such model.*Trying again will not help/,
      ) as string,
    })
    expect(told).toContainEqual(expect.objectContaining({ type: 'state.failed', stateName: 'PlanningState' }))
  })

  it('S4-26 S4-27 answers in a chat with a field of the report, twice', async () => {
    script()
    const configuration = new OrchestrationRuntimeConfiguration(new ResearchOrchestration(server.connection), {
      toMessage: ({ content }) => new ChatMessage(ChatMessageRoles.Assistant, content),
    })
    const runtime = new ChatRuntime(configuration)
    const reply = await runtime.invoke(new ChatMessage(ChatMessageRoles.User, 'Research AI in healthcare'))
    expect(reply).toMatchObject({ role: 'assistant', content: report.content })
    await runtime.invoke('Once more')
    expect((await runtime.messages).map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant'])
  })

  it('S4-32 cannot go on with an empty plan, and says so', async () => {
    server.answers(instructions.planner, { json: { ...plan, searchItems: [] } })
    await expect(new ResearchOrchestration(server.connection).run('x')).rejects.toMatchObject({
      message: expect.stringContaining('Unable to advance to next state') as string,
      stateName: 'PlanningState',
    })
    expect(server.requests).toHaveLength(1)
  })
})
