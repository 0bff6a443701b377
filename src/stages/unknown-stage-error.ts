import { OrchestrationError } from '../errors/index.js'
import { nearestNames } from '../errors/internal.js'

/** A stage returned something that is neither a stage, nor a group, nor the end. */
export class UnknownStageError extends OrchestrationError {
  /** The stage that returned it. */
  readonly stageName: string
  /** What there is. */
  readonly known: readonly string[]

  /** @param group the group that what was returned is a member of, if it is */
  constructor(stageName: string, returned: unknown, known: readonly string[], group?: string) {
    super(
      `Stage "${stageName}" returned ${said(returned, group)}. ${nearest(returned, known)}` +
        `Return the name of a stage or group, 'end', or nothing at all. There are: ${known.join(', ')}.`,
      { code: 'STAGE_UNKNOWN', details: { stageName, known } },
    )
    this.stageName = stageName
    this.known = known
  }
}

function said(returned: unknown, group: string | undefined): string {
  if (group !== undefined)
    return `"${String(returned)}", a member of group "${group}", which can only be entered as a whole`
  if (typeof returned === 'string') return `"${returned}", and there is no such stage`
  return `${Array.isArray(returned) ? 'an array' : `a value of type ${typeof returned}`}, which names no stage`
}

function nearest(returned: unknown, known: readonly string[]): string {
  const near = typeof returned === 'string' ? nearestNames(returned, known) : []
  return near.length === 0 ? '' : `Did you mean ${near.map(name => `"${name}"`).join(' or ')}? `
}
