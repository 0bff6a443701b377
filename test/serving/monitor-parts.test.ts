import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeIn } from '../../src/serving/monitor/page/json-places.js'
import { Lanes } from '../../src/serving/monitor/page/lanes.js'
import { RunTally, stateKey, transitionKey } from '../../src/serving/monitor/page/run-tally.js'
import { exampleOf } from '../../src/serving/monitor/page/schema-example.js'
import { SseReader } from '../../src/serving/monitor/page/sse-reader.js'
import type { RunEvent } from '../../src/serving/monitor/page/wire.js'

describe('server-sent events', () => {
  it('are read the same wherever they were cut', () => {
    const text = ': beat\r\n\r\nid: 1\nevent: a\ndata: {"a":1}\n\ndata: two\ndata: lines\r\n\r\ndata:three\r\rdata: cut'
    const expected = [{ data: '{"a":1}' }, { data: 'two\nlines' }, { data: 'three' }]
    const piece = fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 12 })
    fc.assert(
      fc.property(piece, cuts => {
        const reader = new SseReader()
        const ends = [...cuts, text.length].sort((a, b) => a - b)
        const found = ends.flatMap((end, index) => reader.push(text.slice(ends[index - 1] ?? 0, end)))
        expect(found).toEqual(expected)
      }),
    )
  })
})

describe('the place of a path in JSON', () => {
  const text = '{\n  "a": [1, {"b \\"c": "x, y]"}],\n  "d": {"a": null}\n}'
  const at = (path: string): string => {
    const place = placeIn(text, path)
    return place === undefined ? '' : text.slice(place.start, place.end)
  }

  it('is that of its value', () => {
    expect(at('a[0]')).toBe('1')
    expect(at('a[1]')).toBe('{"b \\"c": "x, y]"}')
    expect(at('d.a')).toBe('null')
    expect(at('')).toBe(text)
  })

  it('is the nearest value around it if it is missing', () => {
    expect(at('d.missing')).toBe('{"a": null}')
    expect(at('a[7].x')).toBe('[1, {"b \\"c": "x, y]"}]')
  })

  it('is found in whatever is JSON, and never makes anything fail', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.jsonValue()), value => {
        const json = JSON.stringify(value, null, 2)
        for (const [key, each] of Object.entries(value)) {
          const place = placeIn(json, key)
          expect(JSON.parse(json.slice(place?.start, place?.end))).toEqual(JSON.parse(JSON.stringify(each)))
        }
      }),
    )
    fc.assert(fc.property(fc.string(), fc.string(), (json, path) => void placeIn(json, path)))
  })
})

function event(seq: number, type: string, rest: Partial<RunEvent> = {}): RunEvent {
  return { type, seq, at: new Date(1000 * seq).toISOString(), ...rest }
}

const visit = (name: string, token: string) => ({ state_name: name, token })

describe('what has happened to a state', () => {
  it('is what it does now, else how it ended last', () => {
    const tally = new RunTally()
    const mark = () => tally.markOf(tally.states.get(stateKey([], 'A')))
    expect(mark()).toBe('untouched')
    tally.add(event(0, 'state.started', visit('A', '0:0')))
    expect(mark()).toBe('active')
    tally.add(event(1, 'state.waiting', visit('A', '0:0')))
    expect(mark()).toBe('waiting')
    tally.add(event(2, 'state.started', visit('A', '0.1:0')))
    expect(mark()).toBe('active')
    tally.add(event(3, 'state.completed', visit('A', '0:0')))
    tally.add(event(4, 'state.failed', { ...visit('A', '0.1:0'), handled: true }))
    expect(mark()).toBe('failed')
    expect(tally.states.get(stateKey([], 'A'))).toMatchObject({ visits: 2, failures: 1 })
  })

  it('is that it was stopped, if the run ended before it did', () => {
    const tally = new RunTally()
    tally.add(event(0, 'state.started', visit('A', '0:0')))
    tally.add(event(1, 'orchestration.cancelled'))
    expect(tally.markOf(tally.states.get(stateKey([], 'A')))).toBe('skipped')
  })

  it('tells routes for failures from other ways, and states of inner orchestrations from others', () => {
    const tally = new RunTally()
    const way = { from_state: 'A', to_state: 'B', advancer: 'go', from_token: '0:0', to_token: '0:1' }
    tally.add(event(0, 'state.transition', way))
    tally.add(event(1, 'state.failed', visit('A', '0:0')))
    tally.add(event(2, 'state.transition', way))
    tally.add(event(3, 'state.started', { ...visit('A', '0:0'), path: ['Outer'], inner_execution_id: 'r/0:0' }))
    expect(tally.transitions.get(transitionKey([], 'A', 'B', 'go', false))).toBe(1)
    expect(tally.transitions.get(transitionKey([], 'A', 'B', 'go', true))).toBe(1)
    expect(tally.states.get(stateKey(['Outer'], 'A'))?.visits).toBe(1)
  })
})

describe('what has happened to a node', () => {
  it('has the edges that have led to it', () => {
    const tally = new RunTally()
    const ledBy = [{ from: 'A', advancer: 'on_error', error: true }]
    tally.add(event(0, 'state.started', { ...visit('B', '0:0.1:0'), path: ['Loop'], led_by: ledBy }))
    expect(tally.transitions.get(transitionKey(['Loop'], 'A', 'B', 'on_error', true))).toBe(1)
  })

  it('is in a lane of its own, whatever branches it was visited by', () => {
    const lanes = new Lanes('nodes')
    for (const inner of ['r/1', 'r/2']) {
      const inside = { ...visit('A', '0:0'), path: ['Loop'], inner_execution_id: inner }
      lanes.add(event(0, 'state.started', inside))
      lanes.add(event(1, 'state.completed', inside))
    }
    expect([...lanes.all.values()]).toMatchObject([{ name: 'A', place: 'Loop › A', visits: [{}, {}] }])
  })
})

describe('the lanes of branches', () => {
  it('have a visit for each step, with how it ended', () => {
    const lanes = new Lanes()
    lanes.add(event(0, 'state.started', visit('A', '0:0')))
    lanes.add(event(2, 'state.completed', visit('A', '0:0')))
    lanes.add(event(2, 'state.started', visit('B', '0:0.1:0')))
    lanes.add(event(3, 'state.waiting', visit('B', '0:0.1:0')))
    lanes.add(event(5, 'orchestration.cancelled'))
    const [main, side] = [...lanes.all.values()]
    expect(main).toMatchObject({ name: '0', visits: [{ state: 'A', start: 0, end: 2000, outcome: 'visited' }] })
    expect(side).toMatchObject({ name: '0:0.1', visits: [{ start: 2000, waits: 3000, end: 5000, outcome: 'skipped' }] })
    expect(lanes.isOpen).toBe(false)
  })
})

describe('an example for a schema', () => {
  it('has what is required, of the right kinds, with examples and defaults where there are some', () => {
    const schema = {
      type: 'object',
      required: ['topic', 'depth', 'tags', 'kind'],
      properties: {
        topic: { type: 'string', examples: ['batteries'] },
        depth: { $ref: '#/$defs/Depth' },
        tags: { type: 'array', items: { type: 'string' } },
        kind: { enum: ['long', 'short'] },
        left: { type: 'boolean' },
      },
      $defs: {
        Depth: {
          type: 'object',
          properties: { sources: { type: 'integer', minimum: 2 }, self: { $ref: '#/$defs/Depth' } },
          required: ['sources'],
        },
      },
    }
    expect(exampleOf(schema)).toEqual({ topic: 'batteries', depth: { sources: 2 }, tags: [''], kind: 'long' })
  })
})
