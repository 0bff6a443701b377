import {
  type AnyRunnable,
  Orchestration,
  type OrchestrationConfiguration,
  type OrchestrationGraph,
  OrchestrationRunnable,
  WiringError,
  type WiringFault,
} from '../core/index.js'
import { plannedAdvancer } from './planned-advancer.js'
import { joinState, state } from './state.js'
import { neverTaken } from './way.js'

type Untyped = OrchestrationRunnable<unknown, unknown>

/** All that a builder knows when it builds. */
export interface BuilderPlan {
  readonly options: OrchestrationConfiguration<undefined, undefined>
  readonly entry: AnyRunnable | undefined
  readonly states: Iterable<AnyRunnable>
  readonly outputs: ReadonlySet<AnyRunnable>
  readonly deadEnds: ReadonlySet<AnyRunnable>
  readonly exits: ReadonlySet<AnyRunnable>
}

/** What a builder makes: an orchestration like any other. */
class BuiltOrchestration<TIn, TOut> extends Orchestration<TIn, TOut> {
  constructor({ options, entry, states, outputs }: BuilderPlan, exit: AnyRunnable | undefined) {
    super()
    const { name = 'Orchestration' } = options
    this.configure({ ...options, name })
    if (entry !== undefined)
      this.initialRunnable = (exit === undefined ? entry : before(entry, exit)) as OrchestrationRunnable<TIn, unknown>
    this.register(...states)
    const [only] = outputs
    // Of several outputs, and of an output and an exit, the last to be reached is the result.
    if (exit !== undefined) this.register(exit)
    else if (only !== undefined && outputs.size === 1) {
      this.resultRunnable = only as OrchestrationRunnable<never, TOut>
    }
  }
}

/** Finishes the wiring of a plan, makes the orchestration and checks it. @throws WiringError */
export function buildOrchestration<TIn, TOut>(plan: BuilderPlan): Orchestration<TIn, TOut> {
  for (const deadEnd of plan.deadEnds) endBranchAt(deadEnd as Untyped)
  const exit = plan.exits.size === 0 ? undefined : exitOf(plan)
  const orchestration = new BuiltOrchestration<TIn, TOut>(plan, exit)
  const faults = endFaults(plan, orchestration, exit)
  if (faults.length > 0) throw new WiringError(orchestration.name, faults)
  return orchestration
}

/** Where no other way matches, the branch ends, and what it ends with is no result. */
function endBranchAt(deadEnd: Untyped): void {
  deadEnd.configure({ allowDeadEnd: true })
  deadEnd.addAdvancer(plannedAdvancer<unknown>('dead end', {}, () => null))
}

/**
 * A join for the first exit that is reached. It cancels whatever might still come to it, which is why every state has a way to it
 * that is never taken.
 */
function exitOf({ exits, states }: BuilderPlan): AnyRunnable {
  const exit = joinState('run.exit', { policy: 'any' }, ([first]: readonly unknown[]) => first)
  for (const leaving of exits) (leaving as Untyped).addAdvancer(exit as Untyped)
  for (const stopped of states) {
    if (!exits.has(stopped)) canBeStoppedBy(exit, stopped as Untyped)
  }
  return exit
}

/**
 * A state that nothing leads back to. If a run began at a state that can be part of a loop, the exit would close the fan-outs of
 * the last round only.
 */
function before(entry: AnyRunnable, exit: AnyRunnable): Untyped {
  const enter = state('run.enter', (input: unknown) => input).addAdvancer(entry as Untyped)
  canBeStoppedBy(exit, enter)
  return enter
}

function canBeStoppedBy(exit: AnyRunnable, stopped: Untyped): void {
  stopped.onError(neverTaken, exit as Untyped, () => undefined)
}

/** What only the builder can tell: which ends of the graph are meant. */
function endFaults(
  { outputs, exits, deadEnds }: BuilderPlan,
  { graph }: { readonly graph: OrchestrationGraph },
  exit: AnyRunnable | undefined,
): readonly WiringFault[] {
  const results = outputs.size + exits.size
  const faults: WiringFault[] = []
  const add = (message: string, advice: string, stateName?: string): void => {
    faults.push({ code: 'NO_PATH_TO_RESULT', message, advice, ...(stateName === undefined ? {} : { stateName }) })
  }
  if (results === 0) add('it has no result', 'name the state that has it with output() or exit()')
  for (const { name, runnable, advancers } of graph.nodes) {
    const isOutput = outputs.has(runnable)
    if (exits.has(runnable) && (isOutput || deadEnds.has(runnable))) {
      add(`state "${name}" is an exit and ${isOutput ? 'an output' : 'a dead end'}`, 'say which of both it is', name)
      continue
    }
    if (advancers.length === 0 && !isOutput && runnable !== exit) {
      const advice = 'lead on with advance() or route(), or say what it is with output(), exit() or deadEnd()'
      add(`state "${name}" leads nowhere`, advice, name)
    } else if (advancers.length > 0 && isOutput && results > 1) {
      add(`state "${name}" is one of several outputs, but leads on`, 'make it an end, or the only output', name)
    }
  }
  return faults
}
