import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ModelRequest } from '../../src/agents/index.js'
import type { OrchestrationEvent, OrchestrationFailedError } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import type { ScriptedReply } from '../../src/testing/index.js'
import { analyzeTopology, compileTopology, Topology, TopologyError } from '../../src/topology/index.js'
import { propertyRuns } from '../core/property-runs.js'
import { Cast, call, type Played, play, type Script } from './agents-at-work.js'

const arrows = ['->', '->', '->', '<->', '<=>', '<~>', '<|>'] as const

/** A topology that can run, or `undefined` for one that is refused. */
const topologies = fc
  .record({
    size: fc.integer({ min: 2, max: 6 }),
    edges: fc.array(fc.tuple(fc.nat(5), fc.constantFrom(...arrows), fc.nat(5)), { minLength: 1, maxLength: 12 }),
    entries: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 2 }),
    exits: fc.uniqueArray(fc.nat(5), { maxLength: 2 }),
    parallel: fc.boolean(),
  })
  .map(({ size, edges, entries, exits, parallel }) => {
    const agent = (index: number): string => `A${index % size}`
    const between = new Map<string, string>()
    for (const [from, arrow, to] of edges) {
      const key = [agent(from), agent(to)].sort().join()
      if (agent(from) !== agent(to) && !between.has(key)) between.set(key, `${agent(from)} ${arrow} ${agent(to)}`)
    }
    const reached = new Set(entries.map(agent))
    const ways = [...between.values()].map(edge => edge.split(' ') as [string, string, string])
    for (const each of reached) {
      for (const [from, arrow, to] of ways) {
        if (from === each) reached.add(to)
        if (to === each && arrow !== '->') reached.add(from)
      }
    }
    const definition = {
      nodes: ['User', ...reached],
      edges: [
        ...[...new Set(entries.map(agent))].map(entry => `User -> ${entry}`),
        ...ways.filter(([from]) => reached.has(from)).map(way => way.join(' ')),
        ...[...new Set(exits.map(agent))].filter(exit => reached.has(exit)).map(exit => `${exit} -> User`),
      ],
    }
    const callees = definition.edges.flatMap(edge => /^(\S+) <=> (\S+)$/.exec(edge)?.slice(1, 3) ?? [])
    const [hub, first] = callees
    const second = callees.find((name, index) => index % 2 === 1 && callees[index - 1] === hub && name !== first)
    const rules = parallel && second !== undefined ? [`parallel(${first}, ${second})`] : []
    try {
      const topology = Topology.of({ ...definition, rules })
      analyzeTopology(topology)
      return topology
    } catch (thrown) {
      if (thrown instanceof TopologyError) return undefined
      throw thrown
    }
  })

/** A number from 0 to 1 that depends on the text only. */
function chance(text: string): number {
  let sum = 2166136261
  for (const character of text) sum = Math.imul(sum ^ (character.codePointAt(0) as number), 16777619) >>> 0
  sum = Math.imul(sum ^ (sum >>> 15), 2246822507) >>> 0
  return ((sum ^ (sum >>> 13)) >>> 0) / 2 ** 32
}

/** An agent that decides by what it sees, and by the seed: it says something, takes a tool, does what it must not, or fails. */
function whim(seed: number, name: string, names: readonly string[], first: boolean): Script {
  return (request: ModelRequest): ScriptedReply => {
    const seen = `${seed} ${name} ${JSON.stringify(request.messages)}`
    const roll = (about: string): number => chance(`${about} ${seen}`)
    const anyone = (about: string): string => names[Math.floor(roll(about) * names.length)] as string
    const tools = (request.tools ?? []).map(tool => tool.name)
    const tool = tools[Math.floor(roll('tool') * tools.length * 1.7)]
    if (roll('fail') < 0.02) return new Error(`${name} is out of order`)
    if (roll('invalid') < 0.08 && tools.includes('invoke_agent'))
      return call('invoke_agent', { target: anyone('whom'), input: 'x' })
    switch (tool) {
      case 'invoke_agent':
        return call(tool, { target: optionsOf(request, tool)[0], input: `from ${name}` })
      case 'parallel_invoke': {
        const agents = optionsOf(request, tool).slice(0, 2 + Math.floor(roll('many') * 2))
        return call(tool, {
          agents: agents.map(agent => ({ agent, input: `from ${name}` })),
          waitForAll: !first || roll('all') < 0.7,
        })
      }
      case 'end_conversation':
      case 'return_final_response':
        return call(tool, { response: `${name} is done` })
      default:
        return `${name} says ${Math.floor(roll('what') * 1000)}`
    }
  }
}

/** The agents that a routing tool may name. */
function optionsOf({ tools = [] }: ModelRequest, name: string): readonly string[] {
  const properties = tools.find(tool => tool.name === name)?.parameters.properties
  const items = properties?.['agents']?.items?.properties?.['agent'] ?? properties?.['target']
  return (items?.enum ?? []) as readonly string[]
}

const tick = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

function castOf(topology: Topology, seed: number, first: boolean, delay: (text: string) => number): Cast {
  const scripts = topology.agents.map((name): [string, Script] => {
    const decide = whim(seed, name, topology.agents, first)
    const slow: Script = async (request, turn) => {
      for (let i = delay(`${name} ${turn}`); i > 0; i--) await tick()
      return decide(request, turn)
    }
    return [name, slow]
  })
  return new Cast(Object.fromEntries(scripts))
}

function playAt(topology: Topology, seed: number, first: boolean, delay: (text: string) => number): Promise<Played> {
  return play(topology, castOf(topology, seed, first, delay), { maxSteps: 40 })
}

/** Pauses a run again and again, so many ticks after it has begun or gone on, and goes on with it in a fresh definition each time. */
async function playInParts(
  topology: Topology,
  seed: number,
  delay: (text: string) => number,
  parts: readonly number[],
): Promise<readonly OrchestrationEvent[]> {
  const store = new MemoryJournalStore()
  const make = () =>
    compileTopology(topology, { registry: castOf(topology, seed, false, delay).registry, maxSteps: 40 })
  const events: OrchestrationEvent[] = []
  let run = make().start({ task: 'The task' }, { runId: 'r', store, snapshotEvery: 1 })
  for (const ticks of [...parts, Infinity]) {
    run.events$.subscribe(event => events.push(event))
    const ended = run.result.catch(() => undefined)
    if (ticks === Infinity) await ended
    for (let i = 0; i < ticks && ticks !== Infinity; i++) await tick()
    await run.pause()
    if (run.status !== 'paused') {
      await ended
      break
    }
    run = await make().resume('r', { store, snapshotEvery: 1 })
  }
  return events
}

/** What has happened, whoever was faster. */
function essence(events: readonly OrchestrationEvent[]): readonly string[] {
  return events
    .flatMap(event => {
      switch (event.type) {
        case 'state.completed':
          return [`${event.token} ${event.stateName} ${JSON.stringify(event.output)}`]
        case 'state.failed':
          return [`${event.token} ${event.stateName} failed: ${event.errorMessage}`]
        case 'join.fired':
          return [`${event.token} ${event.stateName} of ${event.branches.join()}`]
        case 'branch.completed':
          return [`${event.branch} ${event.outcome}`]
        default:
          return []
      }
    })
    .sort()
}

const expected = ['NEVER_COMPLETES', 'TOOL_FAILED', 'JOIN_INSUFFICIENT']

describe('any topology with agents that decide as they like', () => {
  it('S1-04 S1-39 ends, completed or failed of what is known, and settles every branch', async () => {
    let played = 0
    await fc.assert(
      fc.asyncProperty(topologies, fc.nat(1e6), async (topology, seed) => {
        if (topology === undefined) return
        played++
        const { events, outcome, error } = await playAt(topology, seed, true, () => 0)
        expect(outcome === undefined).toBe(error !== undefined)
        for (const each of (error as OrchestrationFailedError | undefined)?.errors ?? []) {
          const { code, message } = each as Error & { code?: string }
          expect(code === undefined ? message : code).toSatisfy(
            (what: string) => expected.includes(what) || what.includes('out of order'),
          )
        }
        const created = events.flatMap(event => (event.type === 'branch.created' ? [event.branch] : []))
        const ended = events.flatMap(event => (event.type === 'branch.completed' ? [event.branch] : []))
        // One that has divided is over when all of them are, without an event of its own if they came together further out.
        const divided = new Set(
          events.flatMap(event => (event.type === 'branch.created' ? [event.parent.replace(/:\d+$/, '')] : [])),
        )
        expect(new Set(created).size).toBe(created.length)
        expect(new Set(ended).size).toBe(ended.length)
        for (const branch of ended) expect(created).toContain(branch)
        for (const branch of created) expect(ended.includes(branch) || divided.has(branch)).toBe(true)
      }),
      { numRuns: propertyRuns(400) },
    )
    expect(played).toBeGreaterThan(100)
  })

  it('S1-41 comes to the same whoever is faster', async () => {
    let compared = 0
    await fc.assert(
      fc.asyncProperty(topologies, fc.nat(1e6), async (topology, seed) => {
        if (topology === undefined) return
        const even = await playAt(topology, seed, false, () => 0)
        const uneven = await playAt(topology, seed, false, text => Math.floor(chance(`${seed}${text}`) * 4))
        if (even.outcome === undefined) return
        compared++
        expect(uneven.outcome).toEqual(even.outcome)
        expect(uneven.turns.map(turn => JSON.stringify(turn)).sort()).toEqual(
          even.turns.map(turn => JSON.stringify(turn)).sort(),
        )
      }),
      { numRuns: propertyRuns(200) },
    )
    expect(compared).toBeGreaterThan(20)
  })

  it('S1-29 S1-36 comes to the same, step by step, however often it is paused and goes on in fresh definitions', async () => {
    let compared = 0
    const parts = fc.array(fc.nat(5), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(topologies, fc.nat(1e6), parts, async (topology, seed, pauses) => {
        if (topology === undefined) return
        const { events } = await playAt(topology, seed, false, () => 0)
        // Which step is one too many is a matter of time.
        if (events.some(event => event.type === 'state.failed' && event.errorMessage.startsWith('max_steps'))) return
        compared++
        const slow = (text: string): number => Math.floor(chance(`${seed}${text}`) * 4)
        expect(essence(await playInParts(topology, seed, slow, pauses))).toEqual(essence(events))
      }),
      { numRuns: propertyRuns(200) },
    )
    expect(compared).toBeGreaterThan(50)
  })
})
