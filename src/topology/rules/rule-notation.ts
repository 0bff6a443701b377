import { didYouMean, nearestNames } from '../../errors/internal.js'
import { kindOf } from '../field-checks.js'
import { ProblemList } from '../problem-list.js'
import { AgentTimeoutRule } from './agent-timeout-rule.js'
import { ConvergencePointRule } from './convergence-point-rule.js'
import { MaxAgentsRule } from './max-agents-rule.js'
import { MaxStepsRule } from './max-steps-rule.js'
import { MaxTurnsRule } from './max-turns-rule.js'
import { ParallelRule } from './parallel-rule.js'
import { RateLimitRule } from './rate-limit-rule.js'
import type { Rule } from './rule.js'
import { RuleCall, type RulePiece } from './rule-call.js'
import { TimeoutRule } from './timeout-rule.js'
import { WaitAllRule } from './wait-all-rule.js'

/** How one kind of rule is written. */
interface RuleNotation {
  readonly form: string
  /** Undefined if it was told what is wrong. */
  read(call: RuleCall, form: string): Rule | undefined
}

const notations: Readonly<Record<string, RuleNotation>> = {
  parallel: {
    form: 'parallel(A, B, …)',
    read(call, form) {
      const agents = call.names(call.takes(form, 2, Number.POSITIVE_INFINITY))
      return agents && new ParallelRule({ agents })
    },
  },
  timeout: {
    form: 'timeout(300) or timeout(A, 30s)',
    read(call, form) {
      const pieces = call.takes(form, 1, 2)
      const [agent, time] = pieces?.length === 2 ? [call.name(pieces[0]), pieces[1]] : [undefined, pieces?.[0]]
      const seconds = call.duration(time)
      if (seconds === undefined || pieces === undefined) return undefined
      if (pieces.length === 1) return new TimeoutRule({ maxDuration: seconds })
      return agent === undefined ? undefined : new AgentTimeoutRule({ timeouts: { [agent]: seconds } })
    },
  },
  max_turns: {
    form: 'max_turns(A <-> B, 3)',
    read(call, form) {
      const pieces = call.takes(form, 2, 2)
      const between = call.pair(pieces?.[0])
      const maxTurns = call.count(pieces?.[1])
      return between && maxTurns ? new MaxTurnsRule({ between, maxTurns }) : undefined
    },
  },
  max_steps: {
    form: 'max_steps(100)',
    read(call, form) {
      const maxSteps = call.count(call.takes(form, 1, 1)?.[0])
      return maxSteps === undefined ? undefined : new MaxStepsRule({ maxSteps })
    },
  },
  max_agents: {
    form: 'max_agents(4)',
    read(call, form) {
      const maxAgents = call.count(call.takes(form, 1, 1)?.[0])
      return maxAgents === undefined ? undefined : new MaxAgentsRule({ maxAgents })
    },
  },
  agent_timeout: {
    form: 'agent_timeout(A: 120, default: 90)',
    read(call, form) {
      const limits = call.takes(form, 1, Number.POSITIVE_INFINITY)?.map(piece => call.limit(piece))
      return limits?.every(limit => limit !== undefined) ? agentTimeouts(limits, call) : undefined
    },
  },
  wait_all: {
    form: 'wait_all(A, B) -> C',
    read(call, form) {
      const agents = call.names(call.takes(form, 2, Number.POSITIVE_INFINITY, true))
      const target = call.target(form)
      return agents && target ? new WaitAllRule({ agents, target }) : undefined
    },
  },
  convergence_point: {
    form: 'convergence_point(A)',
    read(call, form) {
      const agent = call.name(call.takes(form, 1, 1)?.[0])
      return agent === undefined ? undefined : new ConvergencePointRule({ agent })
    },
  },
  rate_limit: {
    form: 'rate_limit(A, 10/min)',
    read(call, form) {
      const pieces = call.takes(form, 2, 2)
      const agent = call.name(pieces?.[0])
      const rate = call.rate(pieces?.[1])
      return agent && rate ? new RateLimitRule({ agent, ...rate }) : undefined
    },
  },
}

/** The notations of rules there are, in a sentence. */
export const acceptedRules = `Accepted are ${Object.values(notations)
  .map(({ form }) => form)
  .join('; ')}.`

const noMemoryLimit =
  'is not supported: agents share the memory of one process, which cannot be measured or limited for one of them.'

/** Reads a rule that is written as a text. @throws TOPOLOGY_INVALID with positions, from 1 */
export function ruleOf(text: string): Rule {
  const problems = new ProblemList()
  const rule = read(text, problems)
  problems.settle()
  return rule as Rule
}

function read(text: string, problems: ProblemList): Rule | undefined {
  const [head, name = '', open = ''] = /^\s*([A-Za-z_][\w-]*)\s*(\(?)/.exec(text) ?? ['']
  if (name === 'max_memory') {
    const advice = 'Limit how many agents work at once with max_agents(n), and the process from outside.'
    problems.add('', `max_memory ${noMemoryLimit}`, advice)
    return undefined
  }
  const notation = Object.hasOwn(notations, name) ? notations[name] : undefined
  if (notation === undefined) {
    const known = Object.keys(notations)
    const hint = nearestNames(name, known).length > 0 ? `${didYouMean(name, known, '')} ` : ''
    problems.add('', name === '' ? `${kindOf(text)} is no rule.` : `There is no rule "${name}".`, hint + acceptedRules)
    return undefined
  }
  const close = text.indexOf(')', head.length)
  if (open === '' || close < 0) {
    const at = open === '' ? head.length + 1 : text.length + 1
    problems.add(
      '',
      `Is ${kindOf(text)}, without "${open === '' ? '(' : ')'}" at character ${at}.`,
      `Expected is ${notation.form}.`,
    )
    return undefined
  }
  const rest = { text: text.slice(close + 1), at: close + 1 }
  const call = new RuleCall(piecesOf(text.slice(head.length, close), head.length), rest, problems)
  // What the classes check besides, such as a name that occurs twice, is told as theirs.
  return problems.attempt('', () => notation.read(call, notation.form))
}

function piecesOf(text: string, start: number): readonly RulePiece[] {
  if (text.trim() === '') return []
  let at = start
  return text.split(',').map(piece => {
    const found = { text: piece, at }
    at += piece.length + 1
    return found
  })
}

function agentTimeouts(limits: readonly (readonly [string, number])[], call: RuleCall): AgentTimeoutRule | undefined {
  const names = limits.map(([name]) => name)
  const repeated = names.find((name, index) => names.indexOf(name) < index)
  if (repeated !== undefined) return call.twice(repeated)
  const otherwise = limits.find(([name]) => name === 'default')
  const timeouts = Object.fromEntries(limits.filter(([name]) => name !== 'default'))
  return new AgentTimeoutRule(otherwise === undefined ? { timeouts } : { timeouts, default: otherwise[1] })
}
