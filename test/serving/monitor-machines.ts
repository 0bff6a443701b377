import { Type } from 'class-transformer'
import { IsInt, IsNotEmpty, IsString, Max, Min, ValidateNested } from 'class-validator'
import {
  ApprovalRunnable,
  Approved,
  CollectRunnable,
  type Orchestration,
  Rejected,
  type RunContext,
  SignalRunnable,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { Description } from '../../src/schema/index.js'
import { each, machine, pass, step } from '../core/machines.js'

/** How thorough a report has to be. */
export class Depth {
  @Description('How many sources each question needs.') @IsInt() @Min(1) @Max(9) sources!: number
}

/** What {@link reporting} takes. */
export class ReportRequest {
  @Description('What the report is about.') @IsString() @IsNotEmpty() topic!: string
  @ValidateNested() @Type(() => Depth) depth!: Depth
}

/** Doors that states stop at until somebody opens them. */
export class Doors {
  readonly #doors = new Map<string, { readonly opened: Promise<void>; readonly open: () => void }>()
  #areOpen = false

  /** Lets what stops at a door, or will, go on. */
  open(...names: readonly string[]): void {
    for (const name of names) this.#door(name).open()
  }

  openAll(): void {
    this.#areOpen = true
    this.open(...this.#doors.keys())
  }

  async pass(name: string, { signal }: RunContext): Promise<void> {
    if (this.#areOpen) return
    const aborted = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))
    await Promise.race([this.#door(name).opened, aborted])
  }

  #door(name: string) {
    let door = this.#doors.get(name)
    if (door === undefined) {
      let open = (): void => undefined
      const opened = new Promise<void>(resolve => {
        open = resolve
      })
      door = { opened, open }
      this.#doors.set(name, door)
    }
    return door
  }
}

/** Plans questions, researches them at once, writes, and asks a person, who may send it back; then publishes. */
export function reporting(
  doors: Doors,
  pace = (_ms: number): Promise<void> => Promise.resolve(),
): Orchestration<ReportRequest, unknown> {
  const questions = ['background', 'market', 'regulation']
  const plan = step<ReportRequest, readonly string[]>('Plan', async ({ topic, depth }, context) => {
    context.properties.set('audience', 'engineers')
    context.properties.set('sources', depth.sources)
    await pace(420)
    context.usage({ model: 'gpt-5-mini', inputTokens: 812, outputTokens: 164, cost: 0.0011 })
    await doors.pass('Plan', context)
    return questions.map(question => `${topic}: ${question}`)
  })
  const research = step<string, string>('Research', async (question, context) => {
    await pace(600 + questions.findIndex(each => question.endsWith(each)) * 420)
    context.usage({ model: 'gpt-5', inputTokens: 2410, outputTokens: 655, cost: 0.0142 })
    await doors.pass('Research', context)
    return `Findings on ${question}`
  })
  const gather = new CollectRunnable<string>().configure({ name: 'Gather' })
  const write = step<readonly string[], string>('Write', async (findings, context) => {
    await pace(880)
    context.usage({ model: 'gpt-5', inputTokens: 3120, outputTokens: 1288, cost: 0.0217 })
    await doors.pass('Write', context)
    const draft = Number(context.properties.get('draft') ?? 0) + 1
    context.properties.set('draft', draft)
    return `A report for ${String(context.properties.get('audience'))}, draft ${draft}. ${findings.join('. ')}`
  })
  const review = new ApprovalRunnable<string>({ message: () => 'Publish this report?' }).configure({ name: 'Review' })
  const publish = step<string, string>('Publish', async report => {
    await pace(240)
    return `published: ${report}`
  })
  const subjectOf = (outcome: unknown): unknown => (outcome as Approved<unknown>).subject
  const isApproved = (outcome: unknown): boolean => outcome instanceof Approved
  const isRejected = (outcome: unknown): boolean => outcome instanceof Rejected
  plan.addAdvancer(each('Research') as never)
  research.addAdvancer(gather as never)
  gather.addAdvancer(write as never)
  write.addAdvancer(review)
  review.addAdvancer(isApproved, publish as never, subjectOf as never)
  review.addAdvancer(isRejected, write as never, (() => ['Shortened, with sources']) as never)
  return machine(plan, research).configure({ name: 'Market report', input: ReportRequest } as never) as never
}

/** Tells a number of events, as fast as it can. */
export function talkative(): Orchestration<number, number> {
  const talk = step<number, number>('Talk', (count, context) => {
    for (let number = 0; number < count; number++) {
      context.emit({ type: 'custom', name: 'tick', data: { number, note: `This is note ${number} of ${count}` } })
    }
    return count
  })
  return machine<number, number>(talk.addAdvancer(pass<number>('Rest'))).configure({
    name: 'Talkative',
    input: Number,
  } as never)
}

/** Fails in its second state; the names of its states would be harmful if anybody took them for HTML. */
export function failing(): Orchestration<unknown, unknown> {
  const first = pass(harmfulName)
  const second = step('Break', () => {
    throw new Error('The disk is full & <b>bold</b>')
  })
  return machine(first.addAdvancer(second)).configure({ name: 'Failing' } as never)
}

export const harmfulName = '<img src=x onerror="document.title=1">'

/** Waits for a message, inside an orchestration inside another one. */
export function nested(): Orchestration<unknown, unknown> {
  const inner = machine(
    pass('Ask').addAdvancer(new SignalRunnable({ signal: Number as never }).configure({ name: 'Hear' }) as never),
  )
  inner.configure({ name: 'Asking' })
  const outer = new SubOrchestrationRunnable<unknown, unknown>(inner).configure({ name: 'Conversation' })
  return machine(pass('Begin').addAdvancer(outer as never)).configure({ name: 'Nested' } as never)
}

const asked = (id: string, agent: string, more: object = {}) => ({ id, type: 'agent_call', agent_id: agent, ...more })

/** A workflow with something of everything: a condition, a group, a loop, an approval and routes. */
export const launching = {
  name: 'Launch brief',
  nodes: [
    asked('search', 'web-search', { config: { query: '{{input.topic}}' } }),
    {
      id: 'enough',
      type: 'condition',
      config: { condition: 'search.count > 1', then_branch: 'sources', else_branch: 'apologise' },
    },
    {
      id: 'sources',
      type: 'parallel_group',
      config: { nodes: [asked('news', 'reader'), asked('papers', 'library', { on_error: 'continue' })] },
    },
    {
      id: 'markets',
      type: 'loop',
      config: {
        for_each: '{{input.markets}}',
        body: {
          nodes: [asked('translate', 'translator'), asked('check', 'reader')],
          edges: [{ from: 'translate', to: 'check' }],
        },
      },
    },
    asked('apologise', 'writer'),
    {
      id: 'review',
      type: 'human_approval',
      config: { message: 'Publish for {{markets.iterations}} markets?', on_reject: 'archive' },
    },
    asked('publish', 'writer'),
    asked('archive', 'writer'),
  ],
  edges: [
    { from: 'search', to: 'enough' },
    { from: 'sources', to: 'markets' },
    { from: 'markets', to: 'review' },
    { from: 'review', to: 'publish' },
  ],
}

/** The agents of {@link launching}. */
export const launchAgents = {
  'web-search': () => ({ count: 3 }),
  reader: () => 'read',
  library: () => {
    throw new Error('The library is closed')
  },
  translator: ({ item }: { readonly item: string }) => `for ${item}`,
  writer: () => 'written',
}
