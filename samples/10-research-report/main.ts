// The complete research workflow: planning, research with a tool, reporting. Without a key the model follows a script; with
// OPENAI_API_KEY set, the same states talk to a real one.
import assert from 'node:assert/strict'
import {
  Advancer,
  Agent,
  type AgentOptions,
  AgentRunnable,
  AgentRunner,
  Description,
  Orchestration,
  OrchestrationAdvancer,
  OrchestrationOptions,
  OrchestrationRunnable,
  type RunContext,
  Runnable,
  tool,
} from 'advancer'
import { ScriptedModel } from 'advancer/testing'
import { Type } from 'class-transformer'
import { ArrayNotEmpty, IsNotEmpty, IsString, ValidateNested } from 'class-validator'
import OpenAI from 'openai'

class WebSearchItem {
  @Description('Search query') @IsString() @IsNotEmpty() query!: string
  @Description('Expected information type') @IsString() informationType!: string
}

class WebSearchPlan {
  @Description('Research topic') @IsString() topic!: string
  @Description('List of search queries to execute')
  @ValidateNested({ each: true })
  @Type(() => WebSearchItem)
  @ArrayNotEmpty()
  searchItems!: WebSearchItem[]
}

class ReportData {
  @Description('Report title') @IsString() @IsNotEmpty() title!: string
  @Description('Report content in markdown') @IsString() content!: string
  @Description('Executive summary') @IsString() summary!: string
}

class WebSearchArguments {
  @Description('What to search for') @IsString() query!: string
}

const webSearch = tool({
  name: 'web_search',
  description: 'Search the web for information',
  parameters: WebSearchArguments,
  execute: ({ query }) => `Search results for: ${query}`,
})

/** What every agent works with. */
type Connection = Pick<AgentOptions, 'client' | 'model'>

@Runnable({ input: String, output: WebSearchPlan })
class PlanningState extends AgentRunnable<string, WebSearchPlan> {
  readonly agent: Agent<WebSearchPlan>

  constructor(connection: Connection) {
    super()
    const instructions =
      'You are a research planner. Given a research topic, create a comprehensive search plan with multiple specific queries ' +
      'to gather information.'
    this.agent = new Agent({ ...connection, name: 'Planner', instructions, outputSchema: WebSearchPlan })
  }

  override prompt(topic: string): string {
    return `Create a research plan for: ${topic}`
  }
}

@Runnable({ input: WebSearchPlan, output: String })
class ResearchState extends OrchestrationRunnable<WebSearchPlan, string> {
  readonly #agent: Agent

  constructor(connection: Connection) {
    super()
    const instructions =
      'You are a research assistant. Execute the search plan and gather comprehensive information on all the search items.'
    this.#agent = new Agent({ ...connection, name: 'Researcher', instructions, tools: [webSearch] })
  }

  async invoke(plan: WebSearchPlan, context: RunContext): Promise<string> {
    const prompt = `Execute this search plan and gather information: ${JSON.stringify(plan)}`
    const { output } = await AgentRunner.run(this.#agent, prompt, { context })
    return output
  }
}

@Runnable({ input: String, output: ReportData })
class ReportingState extends AgentRunnable<string, ReportData> {
  readonly agent: Agent<ReportData>

  constructor(connection: Connection) {
    super()
    const instructions =
      'You are a professional report writer. Create comprehensive reports based on research data with proper structure and ' +
      'formatting.'
    this.agent = new Agent({ ...connection, name: 'Reporter', instructions, outputSchema: ReportData })
  }

  override prompt(findings: string): string {
    return `Create a professional report based on this research: ${findings}`
  }
}

@Advancer({ to: [ResearchState] })
class PlanningAdvancer extends OrchestrationAdvancer<WebSearchPlan> {
  override shouldAdvance(plan: WebSearchPlan): boolean {
    return plan.searchItems.length > 0
  }

  getNextRunnable() {
    return ResearchState
  }
}

@Advancer({ to: [ReportingState] })
class ResearchAdvancer extends OrchestrationAdvancer<string> {
  override shouldAdvance(findings: string): boolean {
    return findings !== ''
  }

  getNextRunnable() {
    return ReportingState
  }
}

@OrchestrationOptions({ input: String, output: ReportData })
class ResearchOrchestration extends Orchestration<string, ReportData> {
  constructor(connection: Connection) {
    super()
    this.initialRunnable = new PlanningState(connection).setAdvancer(new PlanningAdvancer())
    this.register(
      new ResearchState(connection).setAdvancer(new ResearchAdvancer()),
      // The final state needs no advancer.
      new ReportingState(connection),
    )
  }
}

// One entry for each call to the model: the plan, a tool call, the findings, the report.
const script = new ScriptedModel([
  { object: { topic: 'AI in healthcare', searchItems: [{ query: 'AI diagnostics', informationType: 'studies' }] } },
  { toolCalls: [{ name: 'web_search', arguments: { query: 'AI diagnostics' } }] },
  'AI reads X-rays as reliably as people do.',
  {
    object: { title: 'AI in healthcare', content: '# Findings\n\nAI reads X-rays.', summary: 'AI helps to diagnose.' },
  },
])
const live = Boolean(process.env.OPENAI_API_KEY)
const orchestration = new ResearchOrchestration({ client: live ? new OpenAI() : script, model: 'gpt-4.1-mini' })

const run = orchestration.start('The future of artificial intelligence in healthcare')
const results: string[] = []
run.on('agent.tool.completed', ({ agent, tool, result }) => {
  console.log(`${agent} used ${tool}: ${result}`)
  results.push(result)
})
const report = await run.result
console.log(`Title: ${report.title}`)
console.log(`Summary: ${report.summary}`)
console.log(`Content: ${report.content}`)

assert.ok(report instanceof ReportData)
if (!live) {
  assert.deepEqual(results, ['Search results for: AI diagnostics'])
  assert.equal(report.title, 'AI in healthcare')
  script.assertDone()
}
