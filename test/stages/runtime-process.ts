import { AsyncRuntime } from '../../src/stages/index.js'
import { notes } from './states.js'

// A program that is ended from outside. Its argument says how it takes that.
const [manner = 'drain'] = process.argv.slice(2)
const say = (line: string): void => void process.stdout.write(`${line}\n`)
// Something has to keep the process alive while it only waits.
const alive = setInterval(() => undefined, 1000)

const orch = notes()
orch.addNode('work', async (_state, _progress, context) => {
  say('working')
  if (manner === 'reject') void Promise.reject(new Error('forgotten'))
  if (manner === 'finish') return
  await new Promise<void>(resolve => context.signal.addEventListener('abort', () => resolve()))
  say('aborted')
})

await AsyncRuntime.runMain(async task => {
  if (manner === 'stubborn') task.signal.addEventListener('abort', () => say('deaf'))
  try {
    await orch.run({}, manner === 'stubborn' ? {} : { signal: task.signal })
    say('done')
  } finally {
    await new Promise(resolve => setImmediate(resolve))
    say('closed')
    clearInterval(alive)
  }
})
say('after')
