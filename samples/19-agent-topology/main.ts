// Agents in a topology: a hub that asks two specialists at once, then a writer and a reviewer who talk until three turns are over.
// Without a key the models follow a script; with OPENAI_API_KEY set, the same agents are real ones.
import assert from 'node:assert/strict'
import { Agent, AgentRegistry } from 'advancer'
import { ScriptedModel } from 'advancer/testing'
import { Orchestra } from 'advancer/topology'
import OpenAI from 'openai'

const isReal = (process.env['OPENAI_API_KEY'] ?? '') !== ''

/** An agent with a role; without a key it says what the script has for it, one text a turn. */
function agent(name: string, instructions: string, ...script: string[]): Agent {
  return new Agent({
    name,
    instructions,
    client: isReal ? new OpenAI() : new ScriptedModel(script),
    model: 'gpt-4.1-mini',
  })
}

const registry = new AgentRegistry()
registry.register(
  agent(
    'Coordinator',
    'You split questions and sum answers up.',
    'Look at rules and at incidents.',
    'Rules lag behind.',
  ),
)
registry.register(agent('Lawyer', 'You know the law.', 'Two laws apply.'))
registry.register(agent('Engineer', 'You know incidents.', 'Three incidents this year.'))
registry.register(agent('Writer', 'You write one paragraph.', 'Draft', 'Better draft', 'Final draft'))
registry.register(
  agent('Reviewer', 'You review in one sentence.', 'Too long.', 'Cite the laws.', 'Good: the final draft it is.'),
)

const orchestra = new Orchestra(registry, { rules: ['timeout(300)', 'max_agents(10)'] })
orchestra.eventBus.subscribe('StepCompleted', ({ agent: name, action, targets, response }) => {
  console.log(`${name} (${action} → ${targets.join(', ')}): ${String(response)}`)
})

const result = await orchestra.execute({
  task: 'Write a paragraph on AI safety.',
  topology: {
    nodes: ['User', 'Coordinator', 'Lawyer', 'Engineer', 'Writer', 'Reviewer'],
    edges: [
      'User -> Coordinator',
      'Coordinator <=> Lawyer',
      'Coordinator <=> Engineer',
      'Coordinator -> Writer',
      'Writer <-> Reviewer',
      'Reviewer -> User',
    ],
    rules: ['parallel(Lawyer, Engineer)', 'max_turns(Writer <-> Reviewer, 3)'],
  },
  context: { audience: 'engineers' },
  maxSteps: 30,
})

console.log(
  `\n${result.success ? 'Done' : `Failed (${result.error})`} in ${result.totalSteps} steps: ${String(result.finalResponse)}`,
)
for (const { branchId, executionTrace } of result.branchResults) {
  console.log(`${branchId}: ${executionTrace.map(step => step.agent).join(' → ')}`)
}

if (!isReal) {
  assert.equal(result.finalResponse, 'Good: the final draft it is.')
  const visits = result.branchResults.flatMap(({ executionTrace }) => executionTrace.map(step => step.agent))
  assert.equal(visits.filter(name => name === 'Reviewer').length, 3)
  assert.deepEqual(
    result.branchResults.map(({ metadata }) => metadata.agents[0]),
    ['Coordinator', 'Lawyer', 'Engineer'],
  )
}
