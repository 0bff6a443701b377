import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { OrchestrationEvent } from '../../src/core/index.js'
import { EventRecorder } from '../../src/testing/index.js'

const base = { runId: 'r', seq: 0, at: 0 }
const started = (stateName: string, path?: readonly string[]): OrchestrationEvent => ({
  ...base,
  type: 'state.started',
  stateName,
  token: '0:0',
  input: { a: [1] },
  ...(path === undefined ? {} : { path }),
})
const completed = (stateName: string): OrchestrationEvent => ({
  ...base,
  type: 'state.completed',
  stateName,
  token: '0:0',
  output: 1,
})

function recorded(...events: readonly OrchestrationEvent[]): EventRecorder {
  const subject = new Subject<OrchestrationEvent>()
  const recorder = new EventRecorder(subject)
  for (const event of events) subject.next(event)
  return recorder
}

describe('EventRecorder', () => {
  it('keeps events, their types, those of one type, and the states of the run itself', () => {
    const events = recorded(started('A'), started('Inner', ['A']), completed('A'))
    expect(events.types).toEqual(['state.started', 'state.started', 'state.completed'])
    expect(events.ofType('state.completed')).toHaveLength(1)
    expect(events.states).toEqual(['A'])
  })

  it('knows when the stream has completed, and keeps nothing once it is stopped', () => {
    const subject = new Subject<OrchestrationEvent>()
    const [all, some] = [new EventRecorder(subject), new EventRecorder({ events$: subject })]
    subject.next(started('A'))
    some.stop()
    subject.next(started('B'))
    subject.complete()
    expect([all.states, all.completed, some.states, some.completed]).toEqual([['A', 'B'], true, ['A'], false])
  })

  it('accepts expectations that are met in order, with others between them', () => {
    const events = recorded(started('A'), completed('A'), started('B'), completed('B'))
    events.expectInOrder([
      'state.started',
      { type: 'state.started', stateName: 'B', input: { a: [1] } },
      'state.completed',
    ])
  })

  it('refuses one that is not met, and shows what happened instead', () => {
    const events = recorded(started('A'), completed('A'), started('B'))
    expect(() => events.expectInOrder(['state.completed', { type: 'state.started', stateName: 'A' }])).toThrow(
      [
        'Expectation 2 of 2, {"type":"state.started","stateName":"A"}, did not happen after expectation 1, state.completed. It did happen before that, as event 0.',
        'Events:',
        '    0: state.started stateName="A" token="0:0"',
        '1 ✓ 1: state.completed stateName="A" token="0:0"',
        '    2: state.started stateName="B" token="0:0"',
      ].join('\n'),
    )
    expect(() => recorded().expectInOrder(['custom'])).toThrow(
      'Expectation 1 of 1, custom, did not happen at all.\nThere were no events.',
    )
    expect(() => events.expectInOrder([{ type: 'state.started', input: { a: [2] } }])).toThrow('did not happen')
  })
})
