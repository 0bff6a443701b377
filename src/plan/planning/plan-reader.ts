import type { AgentStepInit } from '../agent-step.js'
import type { ExecutionPlanInit } from '../execution-plan.js'
import type { LoopConfig } from '../loop-config.js'
import { isCount, noteNotJson, readTimeout } from './field-checks.js'
import { described, FieldReader, isRecord } from './field-reader.js'
import { readLoop } from './loop-reader.js'
import type { PlanFault } from './plan-fault.js'
import { type ReadStep, readStep } from './step-reader.js'

/** A plan as far as it can be read, with the places of what was read. */
export interface ReadPlan {
  readonly planId: string | undefined
  readonly intent: string | undefined
  /** As it is given: whether there is such a strategy is not checked here. */
  readonly strategy: string | undefined
  readonly steps: readonly ReadStep[]
  readonly metadata: Readonly<Record<string, unknown>>
  readonly loop: ReadLoop | undefined
  readonly timeout: number | undefined
  readonly maxParallelAgents: number | undefined
  readonly pathOf: (field: string) => string
  /** What cannot be read, or has the wrong form. */
  readonly faults: readonly PlanFault[]
}

/** A loop as far as it can be read. */
export interface ReadLoop {
  readonly path: string
  readonly config: LoopConfig | undefined
}

const planFields = ['planId', 'intent', 'steps', 'strategy', 'metadata', 'loop', 'timeout', 'maxParallelAgents']
/** Reads what is to be a plan: parsed JSON, its text, or a plan. Never throws. */
export function readPlan(source: unknown): ReadPlan {
  const faults: PlanFault[] = []
  const fields = new FieldReader(objectOf(source, faults), '', planFields, faults)
  if (faults.length === 0) {
    fields.require('planId', 'a text that names the plan')
    fields.require('intent', 'a text that says what the plan is for')
    fields.require('steps', 'a list of steps')
    fields.require('strategy', 'a text')
  }
  const strategy = fields.text('strategy')
  const given = fields.record('metadata') ?? {}
  const inMetadata = strategy === 'loop' && fields.get('loop') === undefined && given['loop'] !== undefined
  const { loop: _loop, ...rest } = given
  noteNotJson(given, fields.pathOf('metadata'), faults)
  return {
    planId: fields.text('planId'),
    intent: fields.text('intent'),
    strategy,
    steps: (fields.list('steps', 'a list of steps') ?? []).map((step, index) =>
      readStep(step, `${fields.pathOf('steps')}[${index}]`, faults),
    ),
    metadata: inMetadata ? rest : given,
    loop: inMetadata
      ? readLoop(given['loop'], `${fields.pathOf('metadata')}.loop`, faults)
      : readLoop(fields.get('loop'), fields.pathOf('loop'), faults),
    timeout: readTimeout(fields),
    maxParallelAgents: fields.number('maxParallelAgents', 'a whole number of at least 1', isCount),
    pathOf: field => fields.pathOf(field),
    faults,
  }
}

/** What a plan is made of, of one that was read without faults. */
export function initOf({ steps, loop, ...plan }: ReadPlan): ExecutionPlanInit {
  const { planId = '', intent = '', metadata, timeout, maxParallelAgents } = plan
  const strategy = plan.strategy as ExecutionPlanInit['strategy']
  return {
    planId,
    intent,
    strategy,
    steps: steps.map(stepInitOf),
    metadata,
    loop: loop?.config,
    timeout,
    maxParallelAgents,
  }
}

function stepInitOf({ path: _path, pathOf: _pathOf, ...step }: ReadStep): AgentStepInit {
  const { stepId = '', agentId = '', taskType = '', dependencies } = step
  return { ...step, stepId, agentId, taskType, dependencies: dependencies.map(({ id }) => id) }
}

function objectOf(source: unknown, faults: PlanFault[]): object {
  if (isRecord(source)) return source
  const expected = 'an object with plan_id, intent, steps and strategy'
  if (typeof source !== 'string') {
    faults.push({ kind: 'type', path: '', message: `A plan cannot be made of ${described(source)}.`, expected })
    return {}
  }
  try {
    const parsed: unknown = JSON.parse(source)
    if (isRecord(parsed)) return parsed
    faults.push({ kind: 'type', path: '', message: `The JSON is ${described(parsed)}.`, expected })
  } catch (error) {
    faults.push({ kind: 'type', path: '', message: `This is no JSON: ${(error as Error).message}.`, expected })
  }
  return {}
}
