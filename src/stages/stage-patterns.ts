import { OptionError } from '../errors/index.js'
import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import type { BaseGraphState } from './base-graph-state.js'
import type { StagePart } from './bound-stage.js'
import { END } from './end.js'
import { Orchestrator } from './orchestrator.js'
import { type OrchestratorOptions, orchestratorOptionNames } from './orchestrator-options.js'
import { groupOptionNames, type ParallelGroupOptions } from './parallel-group.js'

/** What every pattern takes besides its parts. */
export type StagePatternOptions<S extends BaseGraphState> = Omit<OrchestratorOptions<S>, 'entryPoint' | 'maxCycles'>

const { entryPoint: _entryPoint, maxCycles: _maxCycles, ...patternOptionNames } = orchestratorOptionNames

/** What {@link createDebate} is made of. */
export interface StagedDebateOptions<S extends BaseGraphState> extends StagePatternOptions<S> {
  readonly pro: StagePart<S>
  readonly con: StagePart<S>
  /** Speaks at the end of each round. */
  readonly judge: StagePart<S>
  /** How many rounds there are. @default 3 */
  readonly rounds?: number
  /** Whether the judge has seen enough. @default never */
  readonly decided?: (state: S) => boolean
}

const debateOptionNames: OptionNames<StagedDebateOptions<BaseGraphState>> = {
  pro: true,
  con: true,
  judge: true,
  rounds: true,
  decided: true,
  ...patternOptionNames,
}

/** Two sides and a judge (S0-36): `pro` → `con` → `judge` → `pro` …, for so many rounds; its `maxCycles` is `rounds * 3 + 2`. */
export function createDebate<S extends BaseGraphState>(options: StagedDebateOptions<S>): Orchestrator<S> {
  checkOptionNames('createDebate()', options, debateOptionNames)
  const { pro, con, judge, rounds = 3, decided = () => false, ...rest } = options
  checkRounds('rounds', rounds)
  const orchestrator = new Orchestrator<S>({
    name: 'Debate',
    ...rest,
    entryPoint: 'pro',
    maxCycles: rounds * 3 + 2,
  })
  for (const [name, part] of Object.entries({ pro, con, judge })) orchestrator.addNode(name, part)
  return orchestrator
    .addEdge('pro', 'con')
    .addEdge('con', 'judge')
    .addConditionalEdge('judge', state => decided(state) || visitsOf(state, 'judge') >= rounds, {
      true: END,
      false: 'pro',
    })
}

/** What {@link createFanOut} is made of. */
export interface StagedFanOutOptions<S extends BaseGraphState> extends StagePatternOptions<S>, ParallelGroupOptions<S> {
  /** Work side by side; each is called as its key. */
  readonly workers: Readonly<Record<string, StagePart<S>>>
  /** Makes one result of theirs. */
  readonly aggregator: StagePart<S>
}

const fanOutOptionNames: OptionNames<StagedFanOutOptions<BaseGraphState>> = {
  workers: true,
  aggregator: true,
  ...groupOptionNames,
  ...patternOptionNames,
}

/** Workers side by side, then an aggregator (S0-36): the group `workers` → `aggregator`. */
export function createFanOut<S extends BaseGraphState>(options: StagedFanOutOptions<S>): Orchestrator<S> {
  checkOptionNames('createFanOut()', options, fanOutOptionNames)
  const { workers, aggregator, merge, onFailure, ...rest } = options
  const names = addAll('workers', workers, new Orchestrator<S>({ name: 'FanOut', ...rest, entryPoint: 'workers' }))
  return names.orchestrator
    .addParallelGroup('workers', names.names, groupOptions({ merge, onFailure }))
    .addNode('aggregator', aggregator)
    .addEdge('workers', 'aggregator') as unknown as Orchestrator<S>
}

/** What {@link createRecursiveConsensus} is made of. */
export interface RecursiveConsensusOptions<S extends BaseGraphState>
  extends StagePatternOptions<S>,
    ParallelGroupOptions<S> {
  /** Work side by side on the same question; each is called as its key. */
  readonly analysts: Readonly<Record<string, StagePart<S>>>
  /** Makes one proposal of what they have found. */
  readonly aggregator: StagePart<S>
  /** Looks for what is wrong with the proposal. @default nobody does */
  readonly redTeam?: StagePart<S>
  readonly supervisor: StagePart<S>
  /** What the supervisor has decided; anything but the two fails the run. */
  readonly decision: (state: S) => 'APPROVE' | 'REVISE'
  /** How many rounds there may be; a supervisor that asks for one more fails the run with `NEVER_COMPLETES`. @default 3 */
  readonly maxRounds?: number
}

const consensusOptionNames: OptionNames<RecursiveConsensusOptions<BaseGraphState>> = {
  analysts: true,
  aggregator: true,
  redTeam: true,
  supervisor: true,
  decision: true,
  maxRounds: true,
  ...groupOptionNames,
  ...patternOptionNames,
}

/**
 * Analysts side by side, an aggregator, a red team if there is one, and a supervisor who approves or asks for another round (S0-36): the
 * group `analysts` → `aggregator` → `red_team` → `supervisor` → `analysts` …
 */
export function createRecursiveConsensus<S extends BaseGraphState>(
  options: RecursiveConsensusOptions<S>,
): Orchestrator<S> {
  checkOptionNames('createRecursiveConsensus()', options, consensusOptionNames)
  const { analysts, aggregator, redTeam, supervisor, decision, maxRounds = 3, merge, onFailure, ...rest } = options
  checkRounds('maxRounds', maxRounds)
  const visits = Object.keys(analysts).length + (redTeam === undefined ? 2 : 3)
  const { orchestrator, names } = addAll(
    'analysts',
    analysts,
    new Orchestrator<S>({
      name: 'RecursiveConsensus',
      ...rest,
      entryPoint: 'analysts',
      maxCycles: Math.max(1, visits * maxRounds),
    }),
  )
  orchestrator.addParallelGroup('analysts', names, groupOptions({ merge, onFailure }))
  orchestrator.addNode('aggregator', aggregator)
  orchestrator.addNode('supervisor', supervisor)
  orchestrator.addEdge('analysts', 'aggregator')
  if (redTeam === undefined) orchestrator.addEdge('aggregator', 'supervisor')
  else {
    orchestrator.addNode('red_team', redTeam)
    orchestrator.addEdge('aggregator', 'red_team').addEdge('red_team', 'supervisor')
  }
  return orchestrator.addConditionalEdge('supervisor', decision, { APPROVE: END, REVISE: 'analysts' })
}

function addAll<S extends BaseGraphState>(
  option: string,
  parts: Readonly<Record<string, StagePart<S>>>,
  orchestrator: Orchestrator<S>,
): { readonly orchestrator: Orchestrator<S>; readonly names: readonly string[] } {
  const names = Object.keys(parts)
  if (names.length === 0) throw new OptionError(option, 'an object with at least one stage', parts)
  for (const [name, part] of Object.entries(parts)) orchestrator.addNode(name, part)
  return { orchestrator, names }
}

function groupOptions<S extends BaseGraphState>(options: {
  readonly merge: ParallelGroupOptions<S>['merge']
  readonly onFailure: ParallelGroupOptions<S>['onFailure']
}): ParallelGroupOptions<S> {
  const { merge, onFailure } = options
  return { ...(merge === undefined ? {} : { merge }), ...(onFailure === undefined ? {} : { onFailure }) }
}

function visitsOf({ executionPath }: BaseGraphState, stage: string): number {
  return executionPath.filter(entry => entry === stage).length
}

function checkRounds(option: string, rounds: number): void {
  if (!Number.isInteger(rounds) || rounds < 1) throw new OptionError(option, 'a whole number of at least 1', rounds)
}
