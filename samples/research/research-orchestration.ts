import {
  Advancer,
  Agent,
  AgentRunnable,
  AgentRunner,
  JoinRunnable,
  Orchestration,
  OrchestrationAdvancer,
  OrchestrationOptions,
  OrchestrationRunnable,
  type RunContext,
  Runnable,
  sendTo,
} from 'advancer'
import type OpenAI from 'openai'
import type { DocumentLibrary } from './document-library.js'
import { libraryTools } from './library-tools.js'
import { Finding, Report, SearchItem, SearchPlan } from './payloads.js'

/** Plans the searches that a question needs. */
@Runnable({ input: String, output: SearchPlan })
class Planning extends AgentRunnable<string, SearchPlan> {
  readonly agent: Agent<SearchPlan>

  constructor(client: OpenAI, model: string) {
    super()
    this.agent = new Agent({
      client,
      model,
      name: 'Planner',
      instructions:
        'You plan research in a folder of documents. Break the question into three to five searches that together answer it. ' +
        'The first one is the question itself.',
      outputSchema: SearchPlan,
    })
  }
}

/** Each search of the plan goes to a branch of its own. */
@Advancer({ sends: [() => Research] })
class SearchInParallel extends OrchestrationAdvancer<SearchPlan> {
  getNextRunnable(plan: SearchPlan) {
    return plan.items.map(item => sendTo(Research, item))
  }
}

/** Searches the documents for one item of the plan, and reads what it finds. */
@Runnable({ input: SearchItem, output: Finding })
class Research extends OrchestrationRunnable<SearchItem, Finding> {
  readonly #agent: Agent

  constructor(client: OpenAI, model: string, library: DocumentLibrary) {
    super()
    this.#agent = new Agent({
      client,
      model,
      name: 'Researcher',
      instructions:
        'You answer from documents only. Search them once, read the lines around the best hits, then say what they state about ' +
        'the query in short Markdown bullets. End every bullet with the citation [file:line] of the line it rests on. ' +
        'If the documents do not cover the query, say so.',
      tools: libraryTools(library),
      streaming: true,
    })
  }

  async invoke({ query }: SearchItem, context: RunContext): Promise<Finding> {
    const { text } = await AgentRunner.run(this.#agent, query, { context })
    return Object.assign(new Finding(), { query, text })
  }
}

/** Brings the findings together, in the order of the plan, and writes the report. */
@Runnable({ input: Finding, output: Report })
class Reporting extends JoinRunnable<Finding, Report> {
  readonly #agent: Agent<Report>

  constructor(client: OpenAI, model: string) {
    super()
    this.#agent = new Agent({
      client,
      model,
      name: 'Reporter',
      instructions:
        'You write reports from findings. Use nothing but the findings, keep their citations [file:line] exactly, leave out ' +
        'what does not answer the question, and say plainly what the documents do not cover.',
      outputSchema: Report,
      streaming: true,
    })
  }

  async join(findings: readonly Finding[], context: RunContext): Promise<Report> {
    const question = context.outputOf(Planning)?.topic ?? ''
    const sections = findings.map(({ query, text }) => `## ${query}\n\n${text}`)
    const { output } = await AgentRunner.run(this.#agent, [`# ${question}`, ...sections].join('\n\n'), { context })
    return output
  }
}

/** What a research orchestration works with. */
export interface ResearchOptions {
  readonly client: OpenAI
  readonly model: string
  readonly library: DocumentLibrary
}

/** plan → one search per item, side by side → report. */
@OrchestrationOptions({ input: String, output: Report })
export class ResearchOrchestration extends Orchestration<string, Report> {
  constructor({ client, model, library }: ResearchOptions) {
    super()
    const reporting = new Reporting(client, model)
    const research = new Research(client, model, library).addAdvancer(reporting)
    this.initialRunnable = new Planning(client, model).setAdvancer(new SearchInParallel())
    this.register(research)
  }
}
