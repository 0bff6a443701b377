import { type AnyRunnable, type ApprovalOutcome, ApprovalRunnable, Expired, Rejected } from '../core/index.js'
import { OptionError } from '../errors/index.js'
import { checkOptionNames } from '../errors/internal.js'
import type { BaseGraphState } from './base-graph-state.js'
import {
  type HumanStageOptions,
  humanStageOptionNames,
  type WorkStageOptions,
  workStageOptionNames,
} from './stage-options.js'
import type { WorkStagePlan } from './stage-plan.js'

/** A stage that is no function, as it is kept. @throws OPTION_INVALID */
export function workStage<S extends BaseGraphState>(
  name: string,
  make: () => AnyRunnable,
  options: WorkStageOptions<S, unknown, unknown>,
): WorkStagePlan<S> {
  checkOptionNames(`stage "${name}"`, options, workStageOptionNames)
  const { input, output = report<S>(name) } = options
  if (typeof input !== 'function') {
    throw new OptionError(`input of "${name}"`, 'a function that makes the input of the state', input)
  }
  return {
    kind: 'work',
    name,
    make,
    input,
    write: async (state, value, context) => {
      await output(state, value, context)
      return undefined
    },
    routes: [],
    options,
  }
}

function report<S extends BaseGraphState>(name: string): (state: S, value: unknown) => void {
  return (state, value) => void (state.nodeReports[name] = value)
}

/** A stage that waits for a person, as it is kept. @throws OPTION_INVALID */
export function humanStage<S extends BaseGraphState>(
  name: string,
  options: HumanStageOptions<S, unknown>,
): WorkStagePlan<S> {
  checkOptionNames(`stage "${name}"`, options, humanStageOptionNames)
  const { message, subject = state => state, timeoutMs, approve, reject, expire = reject } = options
  if (typeof reject !== 'string') throw new OptionError(`reject of "${name}"`, 'the name of a stage, or END', reject)
  const { output = (state, outcome) => void (state.nodeReports[name] = decisionOf(outcome)) } = options
  return {
    kind: 'work',
    name,
    make: () =>
      new ApprovalRunnable<unknown>({
        ...(message === undefined ? {} : { message }),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      }) as AnyRunnable,
    input: subject,
    write: (state, value) => {
      const outcome = value as ApprovalOutcome<unknown>
      output(state, outcome)
      if (outcome instanceof Rejected) return reject
      return outcome instanceof Expired ? expire : approve
    },
    routes: [...new Set([reject, expire, ...(approve === undefined ? [] : [approve])])],
    options: {},
  }
}

function decisionOf(outcome: ApprovalOutcome<unknown>): unknown {
  return { outcome: outcome.outcome, ...('decision' in outcome ? outcome.decision : {}) }
}
