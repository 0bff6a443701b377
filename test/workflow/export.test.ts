import 'reflect-metadata'
import { expect, test } from 'vitest'
import { Agent, AgentRegistry, AgentRunnable } from '../../src/agents/index.js'
import { ApprovalRunnable, Approved, Orchestration, Rejected } from '../../src/core/index.js'
import { OrchestrationBuilder, state } from '../../src/graph/index.js'
import { ScriptedModel } from '../../src/testing/index.js'
import { compileWorkflow, parseWorkflow, workflowOf, workflowTemplates } from '../../src/workflow/index.js'

const registry = new AgentRegistry()
const model = new ScriptedModel([])
const writer = registry.register(new Agent({ client: model, model: 'm', name: 'writer', instructions: 'Write.' }))
const editor = registry.register(new Agent({ client: model, model: 'm', name: 'editor', instructions: 'Edit.' }))

class Asking extends AgentRunnable<unknown, string> {
  constructor(
    readonly agent: Agent<string>,
    name: string,
  ) {
    super()
    ;(this as AgentRunnable<unknown, string>).configure({ name })
  }
}

class Editorial extends Orchestration<unknown, unknown> {
  constructor() {
    super()
    this.configure({ name: 'Editorial' })
    const revise = new Asking(editor, 'Revise')
    const publish = new Asking(editor, 'Publish it')
    const review = new ApprovalRunnable<string>({ message: 'Publish?', timeoutMs: 60_000 })
      .configure({ name: 'Review' })
      .addAdvancer(outcome => outcome instanceof Approved, publish)
      .addAdvancer(outcome => outcome instanceof Rejected, revise)
    this.initialRunnable = new Asking(writer, 'Write').addAdvancer(review)
  }
}

test('S2: an orchestration of registered agents and approvals can be written as JSON, and compiled again', () => {
  const { definition, unsaid } = workflowOf(new Editorial(), { registry })
  expect(unsaid).toEqual([])
  expect(definition).toEqual({
    name: 'Editorial',
    nodes: [
      { id: 'Write', type: 'agent_call', agent_id: 'writer' },
      { id: 'Review', type: 'human_approval', config: { message: 'Publish?', on_reject: 'Revise' }, timeout: 60 },
      { id: 'Publish_it', type: 'agent_call', agent_id: 'editor' },
      { id: 'Revise', type: 'agent_call', agent_id: 'editor' },
    ],
    edges: [
      { from: 'Write', to: 'Review' },
      { from: 'Review', to: 'Publish_it' },
    ],
  })
  expect(() => compileWorkflow(parseWorkflow(definition), { registry })).not.toThrow()
})

test('what cannot be said in JSON is listed', () => {
  const split = state('Split', (text: string) => text.length)
  const long = state('Long', (length: number) => length)
  const short = state('Short', (length: number) => length)
  const orchestration = new OrchestrationBuilder<string, number>({ name: 'Lengths' })
    .entry(split)
    .advance(split, long, { when: length => length > 3 })
    .advance(split, short, { convert: length => length * 2 })
    .output(long)
    .output(short)
    .build()
  const { unsaid } = workflowOf(orchestration)
  const messages = unsaid.map(({ state: name, message }) => `${name}: ${message}`)
  expect(messages).toContain('Split: its work is code')
  expect(messages).toContainEqual(expect.stringMatching(/^Split: when ".*" leads on is code$/))
  expect(messages).toContainEqual(expect.stringMatching(/^Split: what ".*" hands on is code$/))
})

test('a cycle of code is no workflow, and that is said', () => {
  class Cycle extends Orchestration<number, number> {
    constructor() {
      super()
      const a = state('a', (n: number) => n + 1)
      const b = state('b', (n: number) => n)
      a.addAdvancer(b)
      b.addAdvancer(n => n < 3, a).addAdvancer(state('end', (n: number) => n))
      this.initialRunnable = a
    }
  }
  expect(workflowOf(new Cycle()).unsaid).toContainEqual({
    message: 'nodes: The nodes form a cycle: a → b → a. Repeat nodes with a loop node.',
  })
})

test.each(workflowTemplates)(
  'the template $key comes back from the orchestration it was compiled to',
  ({ agents, workflow }) => {
    const environment = { agents: Object.fromEntries(agents.map(id => [id, () => id])) }
    const { definition, unsaid } = workflowOf(compileWorkflow(workflow(), environment))
    expect(unsaid).toEqual([])
    expect(definition).toEqual(workflow().toJSON())
  },
)
