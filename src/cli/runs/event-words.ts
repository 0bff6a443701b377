import type { OrchestrationEvent } from '../../core/index.js'
import { printableLine } from '../terminal/printable.js'
import { duration } from '../terminal/times.js'

/** What an event says, in a line, without its state; `undefined` for what is too small to be told of. */
export function eventWords(event: OrchestrationEvent): string | undefined {
  switch (event.type) {
    case 'orchestration.started':
      return `started with ${short(event.input)}`
    case 'orchestration.completed':
      return `completed with ${short(event.output)}`
    case 'orchestration.failed':
      return `failed: ${printableLine(event.errorMessage)}`
    case 'orchestration.cancelled':
      return `cancelled: ${printableLine(event.reason)}`
    case 'state.completed':
      return `completed with ${short(event.output)}`
    case 'state.started':
      return `started with ${short(event.input)}`
    case 'state.failed':
      return `failed${event.handled ? ', and that is handled' : ''}: ${printableLine(event.errorMessage)}`
    case 'state.skipped':
      return `skipped: ${printableLine(event.reason)}`
    case 'state.rerun':
      return `runs again, ${event.rerun} of ${event.reruns}`
    case 'state.retrying':
      return `attempt ${event.attempt} failed, next in ${duration(event.delayMs)}: ${printableLine(event.errorMessage)}`
    case 'state.waiting':
      return `waits for ${{ approval: 'an approval', signal: 'a message', delay: 'its time' }[event.kind]}`
    case 'state.transition':
      return `${event.fromState} to ${event.toState}, by ${event.advancer}`
    case 'join.waiting':
      return `waits for more branches, ${event.arrived} there`
    case 'join.fired':
      return `joined ${event.branches.length} branches`
    case 'branch.created':
      return `branch ${event.branch} opened at ${event.stateName}`
    case 'branch.completed':
      return `branch ${event.branch} ${event.outcome}`
    case 'approval.requested':
      return `asks: ${printableLine(event.message)}`
    case 'approval.answered':
      return `${event.outcome}${event.by === undefined ? '' : ` by ${event.by}`}${event.comment === undefined ? '' : `: ${printableLine(event.comment)}`}`
    case 'agent.tool.called':
      return `${event.agent} calls ${event.tool} with ${short(event.arguments)}`
    case 'agent.tool.completed':
      return `${event.tool} ${event.failed ? 'failed' : 'answered'}: ${short(event.result)}`
    case 'agent.handoff':
      return `${event.agent} hands over to ${event.to}`
    case 'agent.guardrail':
      return `guardrail ${event.guardrail} stopped the ${event.stage} of ${event.agent}: ${printableLine(event.reason)}`
    case 'agent.usage':
      return `${event.agent} used ${event.inputTokens + event.outputTokens} tokens of ${event.model}`
    case 'breaker.changed':
      return `breaker ${event.breaker} is ${event.to}`
    case 'budget.warning':
    case 'budget.exceeded':
      return `budget ${event.budget}: ${event.spent} of ${event.max} ${event.limit}${event.type === 'budget.exceeded' ? ', exceeded' : ''}`
    case 'hook.failed':
      return `${event.hook} failed: ${printableLine(event.error.message)}`
    case 'custom':
      return `${event.name}${event.data === undefined ? '' : ` ${short(event.data)}`}`
    case 'orchestration.paused':
    case 'orchestration.resumed':
      return event.type.slice('orchestration.'.length)
    default:
      return undefined
  }
}

/** The name of the state that an event is about, with those around it that are shown; empty if it is about none. */
export function stateOf(event: OrchestrationEvent, isShown: (stateName: string) => boolean = () => true): string {
  const name = 'stateName' in event && event.stateName !== undefined ? [event.stateName] : []
  return printableLine([...(event.path ?? []).filter(isShown), ...name].join(' / '))
}

/** A value in a few words. */
export function short(value: unknown, most = 120): string {
  const text = printableLine(typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? 'nothing'))
  return text.length <= most ? text : `${text.slice(0, most - 3)}...`
}
