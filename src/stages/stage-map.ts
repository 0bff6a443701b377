import type { BaseGraphState } from './base-graph-state.js'
import { END } from './end.js'
import type { GroupPlan, OrchestratorPlan, StagePlan } from './stage-plan.js'

/** Finds its way in what an orchestrator was told. */
export class StageMap<S extends BaseGraphState> {
  readonly plan: OrchestratorPlan<S>
  readonly stages: ReadonlyMap<string, StagePlan<S>>
  readonly groups: ReadonlyMap<string, GroupPlan>
  /** The group of each stage that is a member of one. */
  readonly groupOf: ReadonlyMap<string, GroupPlan>

  constructor(plan: OrchestratorPlan<S>) {
    this.plan = plan
    this.stages = new Map(plan.stages.map(stage => [stage.name, stage]))
    this.groups = new Map(plan.groups.map(group => [group.name, group]))
    this.groupOf = new Map(plan.groups.flatMap(group => group.members.map(member => [member, group] as const)))
  }

  /** What an edge or a stage may lead to: the groups, and the stages that are in none. */
  get heads(): readonly string[] {
    const alone = [...this.stages.keys()].filter(name => !this.groupOf.has(name))
    return [...new Set([...alone, ...this.groups.keys()])]
  }

  /** Whether a stage or a group has the name, members of groups included. */
  has(name: string): boolean {
    return this.stages.has(name) || this.groups.has(name)
  }

  isHead(name: string): boolean {
    return this.groups.has(name) || (this.stages.has(name) && !this.groupOf.has(name))
  }

  /** Whether a name means the end of the run. */
  isEnd(name: string): boolean {
    return name === END && !this.isHead(END)
  }

  /** Where a stage may lead besides its edges; `undefined`: anywhere. */
  jumpsOf(name: string): readonly string[] | undefined {
    const stage = this.stages.get(name)
    if (stage === undefined || this.groupOf.has(name)) return []
    return stage.kind === 'function' ? stage.options.jumps : stage.routes
  }

  /** Where the edges of a stage or group lead, as far as they are right. */
  edgesOf(name: string): readonly string[] {
    const { edges, conditionalEdges } = this.plan
    const plain = edges.filter(({ from }) => from === name).map(({ to }) => to)
    const conditional = conditionalEdges.filter(({ from }) => from === name)
    return [...conditional.flatMap(({ targets }) => Object.values(targets)), ...plain].filter(to => this.isHead(to))
  }

  /** The stages and groups that can be where a run starts: those that no edge leads to. */
  get candidates(): readonly string[] {
    const { heads } = this
    const led = new Set(heads.flatMap(name => [...this.edgesOf(name), ...(this.jumpsOf(name) ?? [])]))
    return heads.filter(name => !led.has(name))
  }

  /** Where a run starts: as was said, or at the only stage that no edge leads to. */
  get entry(): string | undefined {
    const { entryPoint } = this.plan
    if (entryPoint !== undefined) return entryPoint
    const { heads, candidates } = this
    if (heads.length === 1) return heads[0]
    return candidates.length === 1 ? candidates[0] : undefined
  }

  /** All that a run which starts at `entry` can come to. */
  reachableFrom(entry: string): ReadonlySet<string> {
    const found = new Set([entry])
    for (const name of found) {
      for (const next of [...this.edgesOf(name), ...(this.jumpsOf(name) ?? this.heads)]) {
        if (this.isHead(next)) found.add(next)
      }
    }
    return found
  }
}
