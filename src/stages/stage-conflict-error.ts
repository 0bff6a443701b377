import { OrchestrationError } from '../errors/index.js'

/** Members of a parallel group have changed one property to different values, and nothing says how to make one of them. */
export class StageConflictError extends OrchestrationError {
  readonly group: string
  /** The property; with its key if it is a record whose keys are merged one by one: `nodeReports.forecast`. */
  readonly property: string
  /** Who has changed it, in the order of the group. */
  readonly members: readonly string[]

  constructor(group: string, property: string, members: readonly string[]) {
    const [record = property] = property.split('.')
    const list = members.map(member => `"${member}"`).join(' and ')
    super(
      `Group "${group}": its members ${list} have changed \`${property}\` to different values. Say how to merge them: ` +
        `addParallelGroup('${group}', […], { merge: { ${record}: (base, values) => … } }).`,
      { code: 'STAGE_CONFLICT', details: { group, property, members } },
    )
    this.group = group
    this.property = property
    this.members = members
  }
}
