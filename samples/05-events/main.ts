// Events: one stream, numbered without gaps, seen in five ways. They differ in whose events they show and in style.
import assert from 'node:assert/strict'
import {
  Orchestration,
  type OrchestrationEvent,
  OrchestrationEventType,
  OrchestrationOptions,
  OrchestrationRunnable,
  Runnable,
} from 'advancer'
import { filter, lastValueFrom, map, take, toArray } from 'rxjs'

@Runnable({ input: String, output: String })
class Trim extends OrchestrationRunnable<string, string> {
  invoke(text: string): string {
    return text.trim()
  }
}

@Runnable({ input: String, output: Number })
class Count extends OrchestrationRunnable<string, number> {
  invoke(text: string): number {
    if (text === '') throw new Error('There is nothing to count.')
    return text.length
  }
}

@OrchestrationOptions({ input: String, output: Number })
class Counting extends Orchestration<string, number> {
  constructor() {
    super()
    this.initialRunnable = new Trim().addAdvancer(Count)
  }
}

const counting = new Counting()

// 1. A callback for every event of all runs; it may be asynchronous.
const log: string[] = []
async function handleOrchestrationEvents(event: OrchestrationEvent): Promise<void> {
  switch (event.type) {
    case OrchestrationEventType.StateStarted:
      log.push(`State started: ${event.stateName}`)
      break
    case OrchestrationEventType.StateCompleted:
      log.push(`State completed: ${event.stateName}`)
      break
    case OrchestrationEventType.StateTransition:
      log.push(`Transition: ${event.fromState} → ${event.toState}`)
      break
    case OrchestrationEventType.OrchestrationCompleted:
      log.push('Orchestration completed successfully')
      break
    case OrchestrationEventType.OrchestrationFailed:
      log.push(`Orchestration failed: ${event.errorMessage}`)
      break
    default:
  }
}
counting.onOrchestrationEvent = handleOrchestrationEvents
assert.equal(await counting.run(' hello '), 5)
await assert.rejects(counting.run('   '), /nothing to count/)
counting.onOrchestrationEvent = undefined
console.log(log.join('\n'))
assert.equal(log.filter(line => line.startsWith('State started')).length, 4)
assert.deepEqual(log.slice(2, 3), ['Transition: Trim → Count'])
assert.equal(log.at(-1), 'Orchestration failed: There is nothing to count.')

// 2. One type of event; the handler gets exactly that type. It returns what takes it off again.
const lengths: number[] = []
const off = counting.on('orchestration.completed', event => {
  lengths.push(event.output as number)
})
await Promise.all([counting.run('one'), counting.run('three')])
off()
assert.deepEqual(
  lengths.toSorted((a, b) => a - b),
  [3, 5],
)

// 3. The stream of all runs, for RxJS.
const firstTwo = lastValueFrom(
  counting.events$.pipe(
    filter(event => event.type === 'state.started'),
    map(event => event.stateName),
    take(2),
    toArray(),
  ),
)
await counting.run('four')
console.log(`First two states: ${(await firstTwo).join(', ')}`)
assert.deepEqual(await firstTwo, ['Trim', 'Count'])

// 4. A run that starts when somebody subscribes, and is cancelled when they leave.
const all = await lastValueFrom(counting.stream('streamed').pipe(toArray()))
assert.deepEqual(
  all.map(event => event.seq),
  all.map((_, index) => index),
)

// 5. A handle on one run: loop over its events, then take its result.
const run = counting.start('hello world')
for await (const event of run) console.log(`${event.seq} ${event.type}`)
console.log(`Result: ${await run.result}, status: ${run.status}`)
assert.equal(await run.result, 11)
