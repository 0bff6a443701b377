import 'reflect-metadata'
import { expect, test } from 'vitest'
import { type AgentFunction, compileWorkflow, workflowTemplates } from '../../src/workflow/index.js'

const answers: Readonly<Record<string, AgentFunction>> = {
  classifier: () => ({ priority: 9 }),
  critic: ({ index }) => ({ score: 6 + index, feedback: `more of ${index}` }),
  planner: () => ({ questions: ['who', 'when', 'why', 'how'] }),
}

const results: Readonly<Record<string, unknown>> = {
  'sequential-pipeline': 'editor',
  'fan-out-fan-in': 'summarizer',
  'human-in-the-loop': 'publisher',
  'conditional-routing': 'expert',
  'refine-until-approved': { output: { score: 8 }, iterations: 3, exhausted: false },
  'research-and-review': 'publisher',
}

test('S2-31, S2-43: there are the three templates of the source, and more', () => {
  expect(workflowTemplates.map(({ key }) => key)).toEqual(Object.keys(results))
})

test.each(workflowTemplates)('S2-43: the template $key is valid, and runs', async ({ key, agents, workflow }) => {
  const asked = new Set<string>()
  const agentOf =
    (id: string): AgentFunction =>
    (input, context) => {
      asked.add(id)
      return answers[id]?.(input, context) ?? id
    }
  const environment = { agents: Object.fromEntries(agents.map(id => [id, agentOf(id)])) }
  const run = compileWorkflow(workflow(), environment).start({ topic: 'tides', text: 'help' })
  run.on('approval.requested', request => run.approve(request.requestId))
  const { output } = await run.result
  if (typeof output === 'string') expect(output).toBe(results[key])
  else expect(output).toMatchObject(results[key] as object)
  expect([...asked].every(id => agents.includes(id))).toBe(true)
})

test('S2-43: a person who sends the draft back has it revised, and the revision published', async () => {
  const template = workflowTemplates.find(({ key }) => key === 'human-in-the-loop')
  const calls: any[] = [] // any: JSON that the test knows the form of
  const agents = { writer: (input: any) => (calls.push(input.config), 'text'), publisher: (input: any) => input.config } // any: JSON that the test knows the form of
  const run = compileWorkflow(template!.workflow(), { agents }).start({ topic: 'tides' })
  run.on('approval.requested', request => run.reject(request.requestId, { comment: 'shorter' }))
  expect((await run.result).output).toEqual({ draft: 'text', revision: 'text' })
  expect(calls[1]).toEqual({ text: 'text', comment: 'shorter' })
})
