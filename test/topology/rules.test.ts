import { describe, expect, it } from 'vitest'
import {
  AgentTimeoutRule,
  ConvergencePointRule,
  MaxAgentsRule,
  MaxStepsRule,
  MaxTurnsRule,
  ParallelRule,
  RateLimitRule,
  type Rule,
  type RuleInput,
  TimeoutRule,
  Topology,
  WaitAllRule,
} from '../../src/topology/index.js'
import { refused } from './refused.js'

const nodes = ['User', 'A', 'B', 'C', 'D']
const edges = ['User -> A', 'User -> B', 'A <-> B', 'A -> C', 'B -> C', 'C -> D']

function rulesOf(...rules: RuleInput[]): readonly Rule[] {
  return Topology.of({ nodes, edges, rules }).rules
}

const refusedRule = (...rules: unknown[]) => refused(() => rulesOf(...(rules as RuleInput[])))

describe('a rule', () => {
  it.each<[string, string, Rule]>([
    ['S1-20', 'parallel(A, B)', new ParallelRule({ agents: ['A', 'B'] })],
    ['S1-22', 'timeout(300)', new TimeoutRule({ maxDuration: 300 })],
    ['S1-22', ' timeout ( 1.5 min ) ', new TimeoutRule({ maxDuration: 90 })],
    ['S1-22', 'timeout(250ms)', new TimeoutRule({ maxDuration: 0.25 })],
    ['S1-22', 'timeout(2h)', new TimeoutRule({ maxDuration: 7200 })],
    ['S1-21', 'max_turns(A <-> B, 3)', new MaxTurnsRule({ between: ['A', 'B'], maxTurns: 3 })],
    ['S1-21', 'max_turns(B <=> A, 1)', new MaxTurnsRule({ between: ['B', 'A'], maxTurns: 1 })],
    ['S1-68', 'max_steps(50)', new MaxStepsRule({ maxSteps: 50 })],
    ['S1-68', 'max_agents(4)', new MaxAgentsRule({ maxAgents: 4 })],
    ['S1-68', 'agent_timeout(A:120, default:90)', new AgentTimeoutRule({ timeouts: { A: 120 }, default: 90 })],
    ['S1-68', 'agent_timeout(A: 2min, B: 30s)', new AgentTimeoutRule({ timeouts: { A: 120, B: 30 } })],
    ['S1-68', 'timeout(A, 30s)', new AgentTimeoutRule({ timeouts: { A: 30 } })],
    ['S1-68', 'wait_all(A, B) -> C', new WaitAllRule({ agents: ['A', 'B'], target: 'C' })],
    ['S1-68', 'convergence_point(C)', new ConvergencePointRule({ agent: 'C' })],
    ['S1-68', 'rate_limit(A, 10/min)', new RateLimitRule({ agent: 'A', limit: 10 })],
    ['S1-68', 'rate_limit(A, 5/30s)', new RateLimitRule({ agent: 'A', limit: 5, interval: 30 })],
  ])('%s: %s is read as what it is as an object', (_, text, rule) => {
    const [read] = rulesOf(text)
    expect(read).toEqual(rule)
    expect(read?.constructor).toBe(rule.constructor)
    expect(rulesOf(rule)).toEqual([rule])
    expect(rulesOf(String(rule))).toEqual([rule])
    expect(Object.isFrozen(rule)).toBe(true)
  })

  it('S1-15: texts and objects are mixed', () => {
    expect(rulesOf(new TimeoutRule({ maxDuration: 300 }), 'parallel(A, B)').map(String)).toEqual([
      'timeout(300)',
      'parallel(A, B)',
    ])
  })

  it.each([
    ['timeout(300) nonsense', '"nonsense" at character 14 does not belong there. Expected is timeout(300)'],
    ['parallel(A, B) -> C', '"-> C" at character 16 does not belong there.'],
    ['timeout(-5)', 'Is "-5" at character 9, which is negative.'],
    ['timeout(0)', 'Is "0" at character 9.'],
    ['timeout(5 days)', 'Is "5 days" at character 9. Expected is a time of more than 0'],
    ['timeout(5 constructor)', 'Is "5 constructor" at character 9.'],
    ['timeout()', 'Has 0 arguments. Expected is timeout(300) or timeout(A, 30s).'],
    ['timeout(1, 2, 3)', 'Has 3 arguments.'],
    ['timeout(A, )', 'An argument is missing at character 11.'],
    ['timeout 300', 'Is "timeout 300", without "(" at character 9. Expected is timeout(300)'],
    ['timeout(300', 'Is "timeout(300", without ")" at character 12.'],
    ['max_steps(2.5)', 'Is "2.5" at character 11. Expected is a whole number, 1 or more.'],
    ['max_steps(1e3)', 'Is "1e3" at character 11.'],
    ['max_turns(A, 3)', '"A" at character 11 is no pair of agents that talk to each other. Expected is "A <-> B".'],
    ['max_turns(A -> B, 3)', '"A -> B" at character 11 is no pair'],
    ['max_turns(A ~> B, 3)', 'There is no arrow "~>", as at character 13.'],
    ['max_turns(A <-> B)', 'Has one argument. Expected is max_turns(A <-> B, 3).'],
    ['parallel(A)', 'Has one argument. Expected is parallel(A, B, …).'],
    ['parallel(A, A)', '"A" is named twice.'],
    ['parallel(A,, B)', 'A name is missing at character 12.'],
    [
      'wait_all(A, B)',
      'After the arguments, at character 15, there is no "-> agent". Expected is wait_all(A, B) -> C.',
    ],
    ['wait_all(A, B) <-> C', 'After the arguments, at character 15, there is no "-> agent".'],
    ['wait_all(A, C) -> C', '"C" would wait for itself.'],
    ['agent_timeout(A)', 'Is "A" at character 15. Expected is an agent and its time, as in Researcher: 120.'],
    ['agent_timeout(A:1, A:2)', '"A" is named twice.'],
    ['rate_limit(A, 10)', 'Is "10" at character 15. Expected is a number in a time, as in 10/min'],
    ['rate_limit(A, 0/min)', 'Is "0/min" at character 15.'],
    [
      'max_turn(A <-> B, 3)',
      'There is no rule "max_turn". Did you mean "max_turns"? Accepted are parallel(A, B, …); timeout(300)',
    ],
    ['nonsense(3)', 'There is no rule "nonsense". Accepted are parallel(A, B, …);'],
    ['(3)', '"(3)" is no rule. Accepted are'],
    ['constructor(3)', 'There is no rule "constructor".'],
  ])('%s is refused, with the reason and what is accepted', (text, message) => {
    expect(refusedRule(text)).toHaveLength(1)
    expect(refusedRule(text)[0]).toContain(`rules[0]: ${message}`)
  })

  it('S1-68: max_memory is refused with the reason', () => {
    expect(refusedRule('max_memory(A, 1GB)')).toEqual([
      'rules[0]: max_memory is not supported: agents share the memory of one process, which cannot be measured or limited ' +
        'for one of them. Limit how many agents work at once with max_agents(n), and the process from outside.',
    ])
  })

  it.each([
    ['parallel(A, E)', 'There is no agent "E".'],
    ['parallel(A, User)', '"User" is the boundary, no agent.'],
    ['rate_limit(AA, 1/s)', 'There is no agent "AA". Did you mean "A"?'],
    ['max_turns(A <-> C, 2)', '"A" and "C" cannot talk to each other. Add the edge "A <-> C"'],
    ['wait_all(A, D) -> C', '"C" would wait for "D" forever: no edge leads from there. Add the edge "D -> C".'],
  ])('%s is refused, since the topology has no such thing', (text, message) => {
    expect(refusedRule(text)).toHaveLength(1)
    expect(refusedRule(text)[0]).toContain(`rules[0]: ${message}`)
  })

  it('may have the user as a trigger, and nobody who is not there', () => {
    expect(rulesOf(new ParallelRule({ agents: ['A', 'B'], trigger: 'User' }))).toHaveLength(1)
    expect(refusedRule(new ParallelRule({ agents: ['A', 'B'], trigger: 'Usr' }))).toEqual([
      'rules[0].trigger: There is no node "Usr". Did you mean "User"?',
    ])
  })

  it.each([
    ['timeout(1)', 'timeout(2)'],
    ['max_steps(1)', 'max_steps(1)'],
    ['max_turns(A <-> B, 1)', 'max_turns(B <-> A, 2)'],
    ['timeout(A, 1)', 'agent_timeout(A: 2, default: 3)'],
    ['wait_all(A, B) -> C', 'convergence_point(C)'],
    ['parallel(A, B)', 'parallel(B, A)'],
  ])('is given once: %s and %s are refused', (first, second) => {
    expect(refusedRule(first, second)).toHaveLength(1)
    expect(refusedRule(first, second)[0]).toContain('is about the same as rules[0]. Keep one of the two.')
  })

  it('S1-68: different agents have rules of their own', () => {
    expect(
      rulesOf('timeout(9)', 'timeout(A, 1)', 'timeout(B, 2)', 'rate_limit(A, 1/s)', 'rate_limit(B, 1/s)'),
    ).toHaveLength(5)
  })
})

describe('a rule as an object', () => {
  it.each<[string, () => unknown, string]>([
    [
      'a negative time',
      () => new TimeoutRule({ maxDuration: -1 }),
      'maxDuration: Is -1. Expected is a number of seconds, more than 0.',
    ],
    ['a text', () => new TimeoutRule({ maxDuration: '5' as never }), 'maxDuration: Is "5".'],
    [
      'a time without end',
      () => new TimeoutRule({ maxDuration: Number.POSITIVE_INFINITY }),
      'maxDuration: Is Infinity.',
    ],
    [
      'another field',
      () => new TimeoutRule({ maxDuration: 1, max: 1 } as never),
      'max: Is no known field. There are: maxDuration.',
    ],
    ['no turns', () => new MaxTurnsRule({ between: ['A', 'B'], maxTurns: 0 }), 'maxTurns: Is 0.'],
    ['one partner', () => new MaxTurnsRule({ between: ['A'] as never, maxTurns: 1 }), 'between: Is a list of 1.'],
    [
      'itself as a partner',
      () => new MaxTurnsRule({ between: ['A', 'A'], maxTurns: 1 }),
      'between[1]: "A" is there already',
    ],
    ['half an agent', () => new MaxAgentsRule({ maxAgents: 0.5 }), 'maxAgents: Is 0.5.'],
    ['nobody', () => new AgentTimeoutRule({}), ': Limits nobody.'],
    ['one agent', () => new ParallelRule({ agents: ['A'] }), 'agents: There is one name only.'],
    ['no list', () => new WaitAllRule({ agents: 'A' as never, target: 'B' }), 'agents: Is "A". Expected is a list.'],
    ['no agent', () => new ConvergencePointRule({} as never), 'agent: The name is missing.'],
    ['no limit', () => new RateLimitRule({ agent: 'A' } as never), 'limit: Is missing.'],
    ['nothing', () => new MaxStepsRule(undefined as never), ': Is missing. Expected is an object with maxSteps.'],
  ])('refuses %s', (_, attempt, message) => {
    expect(refused(attempt)[0]).toContain(message)
  })

  it('waits for all of a parallel group, and counts a rate by the minute, unless told otherwise', () => {
    expect(new ParallelRule({ agents: ['A', 'B'] }).waitForAll).toBe(true)
    expect(new RateLimitRule({ agent: 'A', limit: 1 }).interval).toBe(60)
  })

  it('is an object of its class, or plain data that says its type', () => {
    expect(rulesOf({ type: 'maxSteps', maxSteps: 7 } as never)).toEqual([new MaxStepsRule({ maxSteps: 7 })])
    expect(refusedRule({ type: 'maxStep', maxSteps: 7 })[0]).toContain(
      'rules[0].type: Is "maxStep". Did you mean "maxSteps"',
    )
    expect(refusedRule({ maxSteps: 7 })[0]).toContain('rules[0].type: Is missing. Expected is parallel, timeout,')
    expect(refusedRule({ type: 'maxSteps', maxSteps: -7 })[0]).toContain('rules[0].maxSteps: Is -7.')
    expect(refusedRule(7)[0]).toContain('rules[0]: Is 7, no rule.')
  })
})
