import { FileStorageBackend, StateManager } from '../../../src/durability/index.js'
import { line } from '../session-machines.js'

const [directory = '', what = ''] = process.argv.slice(2)
const store = new FileStorageBackend(directory)
const manager = new StateManager(store, { pollMs: 20 })
const calls: string[] = []

// To a pipe, Node writes at once, so a process that is killed has said all that it knew.
function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const forever = async (): Promise<void> => {
  say('at work')
  await new Promise(resolve => process.on('SIGUSR2', resolve))
}

if (what === 'start') {
  const session = await manager.createSession({ task: 't', sessionId: 'analysis_123', enablePause: true })
  setInterval(() => {}, 1000)
  session.run(line(calls, forever)).catch(() => undefined)
  session.events$.subscribe(event => {
    if (event.type === 'orchestration.paused') say('paused')
  })
} else {
  const output = await manager.resumeSession('analysis_123', line(calls))
  say(JSON.stringify({ output, calls }))
  await store.close()
}
