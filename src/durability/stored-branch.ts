import type { GraphNode, OrchestrationGraph } from '../core/index.js'
import type { Branch, BranchWait, Fork } from '../core/internal.js'
import type { Json } from '../schema/index.js'
import type { ValueCodec } from './graph-codec.js'
import { freshRunnable, storedRunnable } from './stored-runnable.js'
import type { StoredBranch } from './stored-state.js'

export function encodeBranch(branch: Branch, fork: number, values: ValueCodec): StoredBranch {
  const { id, order, step, node, phase, input, output, runnable, reruns, failure, missed, wait, kept, asked } = branch
  return {
    id,
    order,
    fork,
    step,
    state: node.name,
    phase,
    ...(input === undefined ? {} : { input: values.encode(input) }),
    ...(output === undefined ? {} : { output: values.encode(output) }),
    ...(runnable === undefined ? {} : { runnable: storedRunnable(runnable, node.name, values) }),
    ...(reruns === 0 ? {} : { reruns }),
    ...(failure === undefined ? {} : { failure: values.encode(failure) }),
    ...(missed === undefined ? {} : { missed: [...missed] }),
    ...(wait === undefined ? {} : { wait: { ...wait } as unknown as Json }),
    ...(kept === undefined ? {} : { kept: [...kept].map(([name, value]) => [name, values.encode(value)] as const) }),
    ...(asked === undefined
      ? {}
      : {
          asked: [...asked].map(([name, { message, subject, until }]) => ({
            name,
            message,
            subject: values.encode(subject),
            ...(until === undefined ? {} : { until }),
          })),
        }),
  }
}

export function decodeBranch(
  stored: StoredBranch,
  graph: OrchestrationGraph,
  forks: readonly Fork[],
  values: ValueCodec,
): Branch {
  const { id, order, fork, step, state, phase, reruns = 0, missed, wait, kept, asked } = stored
  const node = nodeNamed(graph, state)
  const around = forks[fork]
  if (around === undefined) throw new Error(`branch "${id}" in a fan-out that is not there`)
  return {
    id,
    order,
    fork: around,
    step,
    node,
    input: stored.input === undefined ? undefined : values.decode(stored.input),
    checked: undefined,
    runnable: stored.runnable === undefined ? undefined : freshRunnable(stored.runnable, node.runnable, values),
    reruns,
    phase,
    output: stored.output === undefined ? undefined : values.decode(stored.output),
    wait:
      wait === undefined ? undefined : ({ message: undefined, until: undefined, ...(wait as object) } as BranchWait),
    kept: kept === undefined ? undefined : new Map(kept.map(([name, value]) => [name, values.decode(value)])),
    asked:
      asked === undefined
        ? undefined
        : new Map(
            asked.map(({ name, message, subject, until }) => [
              name,
              { message, subject: values.decode(subject), until },
            ]),
          ),
    failure: stored.failure === undefined ? undefined : (values.decode(stored.failure) as Error),
    missed: missed === undefined ? undefined : new Set(missed),
    barrier: undefined,
  }
}

export function nodeNamed(graph: OrchestrationGraph, name: string): GraphNode {
  const node = graph.byName.get(name)
  if (node === undefined) throw new Error(`state "${name}", which the definition does not have`)
  return node
}
