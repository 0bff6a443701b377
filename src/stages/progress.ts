import type { RunContext } from '../core/index.js'

/**
 * Tells how far a run is. Every call is a `custom` event of the run, named `progress`, with a {@link ProgressReport} as its data. The
 * first one of each run is `(0, 'Graph', 'START', 'Reasoning cycle for <subjectId>')`.
 *
 * @param phaseId counts the phases of the work, as its author likes
 * @param phase what is done
 * @param status how it goes: `START`, `RUNNING`, `DONE`
 * @param details a sentence for whoever watches
 * @param activeSpecialists who is at work
 */
export type ProgressReporter = (
  phaseId: number,
  phase: string,
  status: string,
  details: string,
  activeSpecialists?: readonly string[],
) => void

/** What a {@link ProgressReporter} was told, as the data of an event. */
export interface ProgressReport {
  readonly phaseId: number
  readonly phase: string
  readonly status: string
  readonly details: string
  readonly activeSpecialists?: readonly string[]
}

/** The name of the events that carry progress. */
export const progressEvent = 'progress'

/** What a stage reports its progress with. */
export function progressOf(context: RunContext): ProgressReporter {
  return (phaseId, phase, status, details, activeSpecialists) => {
    const specialists = activeSpecialists === undefined ? {} : { activeSpecialists }
    const data: ProgressReport = { phaseId, phase, status, details, ...specialists }
    context.emit({ type: 'custom', name: progressEvent, data })
  }
}
