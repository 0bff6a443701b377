import { ExecutionPlan } from '../execution-plan.js'
import type { AgentDescription } from '../registry-client.js'
import { FieldReader, isRecord } from './field-reader.js'
import type { PlanFault } from './plan-fault.js'
import { initOf, readPlan } from './plan-reader.js'
import { validatePlan } from './plan-validator.js'
import { selectStrategy } from './strategy-selector.js'

/** A plan made of what a model has written, or what is wrong with that. */
interface DraftedPlan {
  readonly plan: ExecutionPlan | undefined
  readonly faults: readonly PlanFault[]
}

/** Makes a plan of a draft: an object, or text with its JSON. What the planner knows itself replaces what the draft says of it. */
export function draftedPlan(
  draft: unknown,
  known: { readonly intent: string; readonly planId: string },
  agents: readonly AgentDescription[],
): DraftedPlan {
  const written = typeof draft === 'string' ? parsed(draft) : draft
  if (!isRecord(written)) {
    const { faults } = validatePlan(written)
    return { plan: undefined, faults }
  }
  const { plan_id: _id, planId: _planId, intent: _intent, ...own } = written
  const fields = new FieldReader(own, '', Object.keys(own), [])
  const isOpen = fields.get('strategy') === undefined
  const assumed = fields.get('loop') === undefined ? 'parallel' : 'loop'
  const complete = { ...own, ...known, ...(isOpen ? { strategy: assumed } : {}) }
  const { faults } = validatePlan(complete, { agents })
  if (faults.length > 0) return { plan: undefined, faults }
  const init = initOf(readPlan(complete))
  const plan = new ExecutionPlan(init)
  if (!isOpen) return { plan, faults }
  return { plan: new ExecutionPlan({ ...init, strategy: selectStrategy(plan).strategy }), faults }
}

/** The object in a text with words or a Markdown fence around it; the text itself if there is none, so that it is said what is wrong. */
function parsed(text: string): unknown {
  const begin = text.indexOf('{')
  const end = text.lastIndexOf('}')
  try {
    return JSON.parse(text.slice(begin, end + 1))
  } catch {
    return text
  }
}
