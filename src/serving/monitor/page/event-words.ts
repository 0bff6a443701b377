import { moneyOf, numberOf } from './format.js'
import { shortJson } from './json-text.js'
import type { RunEvent } from './wire.js'

/** What an event says, in a line. */
export function eventWords(event: RunEvent): string {
  const { type, from_state: from, to_state: to, advancer, error_message: error, reason } = event
  switch (type) {
    case 'state.transition':
      // Ways made of functions are called after where they lead.
      return `${from} → ${to}${advancer?.startsWith('→') === true ? '' : ` by ${advancer}`}`
    case 'orchestration.started':
    case 'state.started':
      return shortJson(event['input'])
    case 'orchestration.completed':
    case 'state.completed':
      return shortJson(event['output'])
    case 'state.retrying':
      return `attempt ${String(event['attempt'])} failed: ${error}`
    case 'state.rerun':
      return `rerun ${String(event['rerun'])} of ${String(event['reruns'])}`
    case 'state.waiting':
      return `for ${String(event['kind'])}`
    case 'approval.requested':
      return String(event['message'])
    case 'approval.answered':
      return [event['outcome'], event['by'], event['comment']].filter(Boolean).join(' · ')
    case 'branch.created':
      return `${String(event['branch'])} from ${String(event['parent'])}`
    case 'branch.completed':
      return `${String(event['branch'])} ${String(event['outcome'])}`
    case 'join.waiting':
      return `${numberOf(Number(event['arrived']))} arrived`
    case 'join.fired':
      return (event['branches'] as readonly string[] | undefined)?.join(', ') ?? ''
    case 'agent.usage':
      return usageWords(event)
    case 'agent.delta':
    case 'agent.reasoning':
      return shortJson(event['text'])
    case 'agent.tool.called':
      return `${String(event['tool'])} ${shortJson(event['arguments'], 80)}`
    case 'agent.tool.completed':
      return `${String(event['tool'])} ${shortJson(event['result'], 80)}`
    case 'custom':
      return `${String(event['name'])} ${shortJson(event['data'], 80)}`
    default:
      return error ?? reason ?? ''
  }
}

function usageWords(event: RunEvent): string {
  const tokens = Number(event['input_tokens']) + Number(event['output_tokens'])
  const cost = event.cost === undefined ? '' : ` · ${moneyOf(event.cost)}`
  return `${String(event['model'])} · ${numberOf(tokens)} tokens${cost}`
}

/** Whether an event tells of something that went wrong. */
export function isFailure({ type }: RunEvent): boolean {
  return /failed$|retrying$|exceeded$|guardrail$/.test(type)
}
