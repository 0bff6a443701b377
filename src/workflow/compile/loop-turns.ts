import type { RunContext, SubOrchestrationRunnable } from '../../core/index.js'
import type { LoopRunnableOptions, LoopState } from '../../graph/internal.js'
import type { ConditionTest } from '../conditions/condition-test.js'
import type { LoopPlan } from '../definition/node-plan.js'
import type { Values } from '../templates/template.js'
import type { GraphInput } from './graph-input.js'
import type { TurnResult } from './node-output.js'
import { internalPrefix } from './state-names.js'

type State = LoopState<GraphInput, unknown, TurnResult>

/** How a loop node repeats its body. */
export function loopOptions(
  node: LoopPlan,
  body: SubOrchestrationRunnable<GraphInput, TurnResult>,
): LoopRunnableOptions<GraphInput, unknown, GraphInput, TurnResult> {
  const { id: name, maxIterations, onExhausted, concurrency, forEach, until, while: whilst } = node
  const common = {
    name,
    body,
    prefix: internalPrefix,
    inputOf: turnInput,
    maxIterations,
    onExhausted,
  }
  const items = ({ vars }: GraphInput): readonly unknown[] => vars['items'] as readonly unknown[]
  if (concurrency !== undefined) return { ...common, items, concurrency }
  return {
    ...common,
    items: forEach === undefined ? undefined : items,
    until: until === undefined ? undefined : (loop, context) => asked(until, loop, context),
    while: whilst === undefined ? undefined : (loop, context) => asked(whilst, loop, context),
  }
}

function turnInput({ input: { vars, ...rest }, index, item, last }: State): GraphInput {
  const { items: _items, previous, ...outer } = vars
  const before = item === undefined ? (last === undefined ? previous : last.output) : item
  return {
    ...rest,
    vars: {
      ...outer,
      index,
      ...(item === undefined ? {} : { item }),
      ...(last === undefined ? {} : { last: last.output }),
      ...(before === undefined ? {} : { previous: before }),
    },
  }
}

function asked(test: ConditionTest, loop: State, context: RunContext): boolean {
  const values = new TurnValues(loop)
  const { met, missing } = test.test(values, () => values.all)
  if (missing !== undefined) {
    context.emit({ type: 'custom', name: 'condition.missing', data: { condition: test.text, path: missing } })
  }
  return met
}

/** What the conditions of a loop read: what its body does, and the nodes of the turn that is done. */
class TurnValues implements Values {
  readonly all: Readonly<Record<string, unknown>>

  constructor({ input: { input, vars, outputs }, index, item, last }: State) {
    const { items: _items, last: _outerLast, item: _outerItem, ...outer } = vars
    this.all = {
      ...outputs,
      ...(last?.nodes ?? {}),
      input,
      ...outer,
      index,
      ...(item === undefined ? {} : { item }),
      ...(last === undefined ? {} : { last: last.output }),
    }
  }

  of(root: string): unknown {
    if (root === 'nodes') return this.all
    return Object.hasOwn(this.all, root) ? this.all[root] : undefined
  }

  whyNot(): undefined {
    return undefined
  }
}
