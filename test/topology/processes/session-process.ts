import { FileStorageBackend, StateManager } from '../../../src/durability/index.js'
import { Orchestra } from '../../../src/topology/index.js'
import { registryOf } from '../scripted-agents.js'

const [directory = '', what = ''] = process.argv.slice(2)
const store = new FileStorageBackend(directory)
const stateManager = new StateManager(store, { pollMs: 20 })

// To a pipe, Node writes at once, so a process that is killed has said all that it knew.
function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const forever = async (): Promise<string> => {
  say('at work')
  return new Promise<string>(resolve => process.on('SIGUSR2', () => resolve('an analysis')))
}

const topology = {
  nodes: ['User', 'Researcher', 'Analyst', 'Writer'],
  edges: ['User -> Researcher -> Analyst -> Writer -> User'],
}

if (what === 'start') {
  const registry = registryOf({ Researcher: ['research'], Analyst: [forever], Writer: ['never asked here'] })
  const orchestra = new Orchestra(registry, { stateManager })
  const context = { session_id: 'analysis_123', style: 'technical' }
  const session = await orchestra.createSession({ task: 'Long-running analysis', context, enablePause: true })
  setInterval(() => {}, 1000)
  orchestra.eventBus.subscribe('RunPaused', () => say('paused'))
  await session.run(topology, { maxSteps: 7 })
} else {
  // No topology here: it is kept with the session. The agents are found by their names.
  const registry = registryOf({ Researcher: [], Analyst: ['another analysis'], Writer: ['a report'] })
  const orchestra = new Orchestra(registry, { stateManager })
  const invoked: string[] = []
  orchestra.eventBus.subscribe('AgentInvoked', ({ agent, branchId }) => invoked.push(`${agent} in ${branchId}`))
  const result = await orchestra.resumeSession('analysis_123')
  say(JSON.stringify({ result, invoked }))
  await store.close()
}
