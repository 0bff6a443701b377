import { END } from './end.js'
import type { GroupPlan, StagePlan } from './stage-plan.js'

/** What the states are called that stages and groups are compiled to, besides those that are called like them. */
export const stateNames = {
  input: (stage: string) => `${stage}:input`,
  output: (stage: string) => `${stage}:output`,
  join: (group: string) => `${group}:join`,
  /** The end, where a stage or a group is called `end`. */
  end: `(${END})`,
} as const

/** The names that a stage takes up besides its own. */
export function statesOfStage({ kind, name }: Pick<StagePlan<never>, 'kind' | 'name'>): readonly string[] {
  return kind === 'work' ? [stateNames.input(name), stateNames.output(name)] : []
}

/** The names that a group takes up besides its own. */
export function statesOfGroup({ name }: Pick<GroupPlan, 'name'>): readonly string[] {
  return [stateNames.join(name)]
}
