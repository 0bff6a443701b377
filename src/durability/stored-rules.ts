import type { StepRules } from '../core/internal.js'

/** The rules that a run goes by, as JSON; a limit that is missing is none. */
export interface StoredRules {
  readonly lockstep: boolean
  readonly failFast: boolean
  readonly maxSteps?: number
  readonly maxConcurrency?: number
  readonly maxFanOut?: number
}

export function encodeRules({ lockstep, failFast, maxSteps, maxConcurrency, maxFanOut }: StepRules): StoredRules {
  return {
    lockstep,
    failFast,
    ...(maxSteps === Infinity ? {} : { maxSteps }),
    ...(maxConcurrency === Infinity ? {} : { maxConcurrency }),
    ...(maxFanOut === Infinity ? {} : { maxFanOut }),
  }
}

export function decodeRules(stored: StoredRules): StepRules {
  const { lockstep, failFast, maxSteps = Infinity, maxConcurrency = Infinity, maxFanOut = Infinity } = stored
  return { lockstep, failFast, maxSteps, maxConcurrency, maxFanOut }
}
