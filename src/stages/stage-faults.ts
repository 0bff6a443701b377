import type { WiringFault } from '../core/index.js'
import { didYouMean } from '../errors/internal.js'
import type { BaseGraphState } from './base-graph-state.js'
import { END } from './end.js'
import type { StageMap } from './stage-map.js'
import { stateNames, statesOfGroup, statesOfStage } from './state-names.js'

/** Everything that is wrong with what an orchestrator was told. */
export function stageFaults<S extends BaseGraphState>(map: StageMap<S>): readonly WiringFault[] {
  const names = new NameFaults(map)
  names.checkNames()
  names.checkTakenNames()
  names.checkGroups()
  names.checkEdges()
  names.checkRoutes()
  const { faults } = names
  const entry = entryFault(map)
  if (entry !== undefined) faults.push(entry)
  // A name that is misspelt makes others unreachable, and that is not what has to be put right.
  if (faults.length === 0) faults.push(...unreachable(map))
  return faults
}

class NameFaults<S extends BaseGraphState> {
  readonly faults: WiringFault[] = []
  readonly #map: StageMap<S>

  constructor(map: StageMap<S>) {
    this.#map = map
  }

  checkNames(): void {
    const { stages, groups } = this.#map.plan
    const seen = new Map<string, string>()
    for (const { kind, name } of [...stages.map(as('stage')), ...groups.map(as('group'))]) {
      const other = seen.get(name)
      if (other !== undefined) {
        const message =
          other === kind ? `two ${kind}s are called "${name}"` : `a stage and a group are called "${name}"`
        this.#add('DUPLICATE_NAME', name, message, 'give one of them another name')
      }
      seen.set(name, kind)
    }
  }

  /** Names that the states are called by which stages and groups consist of. */
  checkTakenNames(): void {
    const { stages, groups } = this.#map.plan
    const taken = new Map([
      ...stages.flatMap(stage => statesOfStage(stage).map(name => [name, `stage "${stage.name}"`] as const)),
      ...groups.flatMap(group => statesOfGroup(group).map(name => [name, `group "${group.name}"`] as const)),
      ...(this.#map.has(END) ? [[stateNames.end, 'the run, its end'] as const] : []),
    ])
    for (const { kind, name } of [...stages.map(as('stage')), ...groups.map(as('group'))]) {
      const owner = taken.get(name)
      if (owner === undefined) continue
      const message = `${kind} "${name}" is called like a part of ${owner}`
      this.#add('DUPLICATE_NAME', name, message, `give the ${kind} another name`)
    }
  }

  checkGroups(): void {
    for (const { name, members } of this.#map.plan.groups) {
      if (members.length === 0) {
        this.#add('DECLARATION_INVALID', name, `group "${name}" has no members`, 'name the stages that it consists of')
      }
      members.forEach((member, at) => this.#checkMember(name, member, `member ${at + 1} of group "${name}"`))
      const twice = members.filter((member, at) => members.indexOf(member) !== at)
      for (const member of new Set(twice)) {
        this.#add('DUPLICATE_NAME', name, `group "${name}" has "${member}" twice`, 'name each member once')
      }
    }
  }

  #checkMember(group: string, member: string, place: string): void {
    const { stages, groups, groupOf } = this.#map
    if (groups.has(member)) {
      const advice = 'make an orchestrator of its own of it, and that a stage'
      this.#add('DECLARATION_INVALID', group, `${place} is the group "${member}"`, advice)
      return
    }
    const stage = stages.get(member)
    if (stage === undefined) {
      const advice = didYouMean(member, [...stages.keys()], 'there are no stages yet: add some with addNode()')
      this.#add('UNKNOWN_TARGET', group, `${place} is "${member}", and there is no such stage`, advice)
      return
    }
    const other = groupOf.get(member)
    if (other !== undefined && other.name !== group) {
      const advice = 'a stage belongs to one group: add it once more under another name'
      this.#add('DECLARATION_INVALID', group, `${place}, "${member}", is in group "${other.name}" too`, advice)
    }
    if (stage.kind === 'work' && stage.routes.length > 0) {
      const advice = 'put it before or after the group: members of a group cannot say what is next'
      this.#add(
        'DECLARATION_INVALID',
        group,
        `${place}, "${member}", waits for a person and leads on by itself`,
        advice,
      )
    }
    if (stage.kind === 'function' && (stage.options.jumps ?? []).length > 0) {
      const advice = 'leave `jumps` out: members of a group cannot say what is next'
      this.#add('DECLARATION_INVALID', group, `${place}, "${member}", has jumps`, advice)
    }
  }

  checkEdges(): void {
    const { edges, conditionalEdges } = this.#map.plan
    const plain = new Map<string, string>()
    for (const { from, to } of edges) {
      const edge = `edge "${from}" → "${to}"`
      this.#checkSource(from, edge)
      this.#checkTarget(to, `${edge} leads to`, from)
      const other = plain.get(from)
      if (other !== undefined && other !== to) {
        this.#add(
          'DECLARATION_INVALID',
          from,
          `"${from}" has two plain edges, to "${other}" and to "${to}"`,
          'use addConditionalEdge() to choose between them, or addParallelGroup() to do both',
        )
      }
      plain.set(from, other ?? to)
    }
    for (const { from, targets } of conditionalEdges) {
      const edge = `conditional edge of "${from}"`
      this.#checkSource(from, edge)
      const entries = Object.entries(targets)
      if (entries.length === 0) {
        this.#add('DECLARATION_INVALID', from, `the ${edge} has no keys`, 'name a stage for each of its keys')
      }
      for (const [key, to] of entries) this.#checkTarget(to, `${edge}: key "${key}" leads to`, from)
    }
  }

  checkRoutes(): void {
    for (const stage of this.#map.plan.stages) {
      const routes = stage.kind === 'function' ? (stage.options.jumps ?? []) : stage.routes
      for (const to of routes) this.#checkTarget(to, `stage "${stage.name}" may lead to`, stage.name)
    }
  }

  #checkSource(from: string, edge: string): void {
    if (this.#map.isHead(from)) return
    const group = this.#map.groupOf.get(from)
    if (group !== undefined) {
      const advice = `wire the group: addEdge('${group.name}', …)`
      this.#add('DECLARATION_INVALID', from, `${edge} begins at a member of group "${group.name}"`, advice)
    } else if (from === END) {
      this.#add('UNKNOWN_TARGET', from, `${edge} begins at the end`, 'begin it at a stage or a group')
    } else {
      this.#add('UNKNOWN_TARGET', from, `${edge} begins at "${from}", and there is no such stage`, this.#known(from))
    }
  }

  #checkTarget(to: string, leads: string, stageName: string): void {
    if (this.#map.isHead(to) || to === END) return
    const group = this.#map.groupOf.get(to)
    if (group !== undefined && this.#map.stages.has(to)) {
      const message = `${leads} "${to}", a member of group "${group.name}"`
      this.#add('DECLARATION_INVALID', stageName, message, `lead to the group: "${group.name}"`)
    } else {
      this.#add('UNKNOWN_TARGET', stageName, `${leads} "${to}", and there is no such stage`, this.#known(to))
    }
  }

  #known(name: string): string {
    return didYouMean(name, this.#map.heads, 'there are no stages yet: add some with addNode()').replace(/\.$/, '')
  }

  #add(code: WiringFault['code'], stageName: string, message: string, advice: string): void {
    this.faults.push({ code, stateName: stageName, message, advice })
  }
}

function entryFault<S extends BaseGraphState>(map: StageMap<S>): WiringFault | undefined {
  const { entry, heads, candidates } = map
  const code = 'NO_INITIAL_STATE'
  if (heads.length === 0) return { code, message: 'it has no stages', advice: 'add some with addNode()' }
  if (entry !== undefined && typeof (entry as unknown) !== 'string') {
    const message = `its entry point is a value of type ${typeof entry}`
    return { code, message, advice: "say which stage is first: entryPoint = '…', or leave it undefined" }
  }
  if (entry === undefined) {
    const message =
      candidates.length === 0
        ? `it has no entry point, and edges lead to all of its stages: ${heads.join(', ')}`
        : `it has no entry point, and several stages that no edge leads to: ${candidates.join(', ')}`
    return { code, message, advice: "say which of them is first: entryPoint = '…'" }
  }
  if (map.isHead(entry)) return undefined
  const group = map.groupOf.get(entry)
  return group === undefined
    ? {
        code,
        stateName: entry,
        message: `its entry point is "${entry}", and there is no such stage`,
        advice: didYouMean(entry, heads, 'add it with addNode()').replace(/\.$/, ''),
      }
    : {
        code,
        stateName: entry,
        message: `its entry point "${entry}" is a member of group "${group.name}"`,
        advice: `start with the group: "${group.name}"`,
      }
}

function unreachable<S extends BaseGraphState>(map: StageMap<S>): readonly WiringFault[] {
  const { entry } = map
  if (entry === undefined) return []
  const reachable = map.reachableFrom(entry)
  return map.heads
    .filter(name => !reachable.has(name))
    .map(name => ({
      code: 'DECLARATION_INVALID',
      stateName: name,
      message: `no way leads from the entry point "${entry}" to "${name}"`,
      advice: 'lead an edge to it, name it in the `jumps` of a stage, or leave it out',
    }))
}

function as(
  kind: 'stage' | 'group',
): (named: { readonly name: string }) => { readonly kind: string; readonly name: string } {
  return ({ name }) => ({ kind, name })
}
