import 'reflect-metadata'
import { Type } from 'class-transformer'
import { IsNotEmpty, IsString, ValidateNested } from 'class-validator'
import { Agent, type AgentOptions, AgentRunnable, AgentRunner, tool } from '../../src/agents/index.js'
import {
  Advancer,
  Orchestration,
  OrchestrationAdvancer,
  OrchestrationOptions,
  OrchestrationRunnable,
  type RunContext,
  Runnable,
} from '../../src/core/index.js'
import { Description } from '../../src/schema/index.js'

export type Connection = Pick<AgentOptions, 'client' | 'model'>

export const instructions = {
  planner: 'You are a research planner.',
  researcher: 'You are a research assistant.',
  reporter: 'You are a professional report writer.',
}

class WebSearchItem {
  @Description('Search query') @IsString() @IsNotEmpty() query!: string
  @Description('Expected information type') @IsString() informationType!: string
}

export class WebSearchPlan {
  @Description('Research topic') @IsString() topic!: string
  @Description('List of search queries to execute')
  @ValidateNested({ each: true })
  @Type(() => WebSearchItem)
  searchItems!: WebSearchItem[]
}

export class ReportData {
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

@Runnable({ input: String, output: WebSearchPlan })
class PlanningState extends AgentRunnable<string, WebSearchPlan> {
  readonly agent: Agent<WebSearchPlan>

  constructor(connection: Connection) {
    super()
    this.agent = new Agent({
      ...connection,
      name: 'Planner',
      instructions: instructions.planner,
      outputSchema: WebSearchPlan,
    })
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
    this.#agent = new Agent({
      ...connection,
      name: 'Researcher',
      instructions: instructions.researcher,
      tools: [webSearch],
    })
  }

  async invoke(plan: WebSearchPlan, context: RunContext): Promise<string> {
    const asked = `Execute this search plan and gather information: ${JSON.stringify(plan)}`
    const { messages } = await AgentRunner.run(this.#agent, asked, { context })
    return messages.at(-1)?.content as string
  }
}

/** Parses the answer itself, as an agent without a schema of its output has to. */
@Runnable({ input: String, output: ReportData })
class ReportingState extends OrchestrationRunnable<string, ReportData> {
  readonly #agent: Agent

  constructor(connection: Connection) {
    super()
    this.#agent = new Agent({ ...connection, name: 'Reporter', instructions: instructions.reporter })
  }

  async invoke(findings: string, context: RunContext): Promise<ReportData> {
    const asked = `Create a professional report based on this research: ${findings}`
    return (await AgentRunner.run(this.#agent, asked, { context })).parseJson(ReportData)
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
export class ResearchOrchestration extends Orchestration<string, ReportData> {
  constructor(connection: Connection) {
    super()
    this.initialRunnable = new PlanningState(connection).setAdvancer(new PlanningAdvancer())
    this.register(new ResearchState(connection).setAdvancer(new ResearchAdvancer()), new ReportingState(connection))
  }
}
