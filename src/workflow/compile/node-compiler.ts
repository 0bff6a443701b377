import {
  type Interceptor,
  type Orchestration,
  type OrchestrationRunnable,
  SubOrchestrationRunnable,
} from '../../core/index.js'
import { state } from '../../graph/index.js'
import { LoopRunnable } from '../../graph/internal.js'
import type { AgentAsked } from '../agents/ask-agent.js'
import type {
  AgentCallPlan,
  GraphPlan,
  LoopPlan,
  NodePlan,
  ParallelGroupPlan,
  SubworkflowPlan,
} from '../definition/node-plan.js'
import { agentStates } from './agent-states.js'
import { approvalStates } from './approval-states.js'
import { bodyName } from './body-name.js'
import { within } from './bounded-orchestration.js'
import { conditionStates } from './condition-states.js'
import type { GraphInput } from './graph-input.js'
import { GraphOrchestration } from './graph-orchestration.js'
import { GraphRecord } from './graph-record.js'
import { loopOptions } from './loop-turns.js'
import type { TurnResult } from './node-output.js'
import { type NodeStates, prepared } from './node-states.js'
import type { RunEnds } from './run-ends.js'
import { prepareState } from './state-names.js'
import { tellingNodes } from './telling-nodes.js'

type Untyped = OrchestrationRunnable<unknown, unknown>

/** What nodes are compiled with, besides their plans. */
export interface NodeSurroundings {
  /** Who is asked by an agent call. */
  agentOf(plan: AgentCallPlan): AgentAsked
  /** The orchestration of another workflow. */
  workflowOf(plan: SubworkflowPlan): Orchestration<unknown, unknown>
  /** The circuit breaker of an agent. */
  breakerOf(agent: string): Interceptor
  /** Ends runs that somebody has rejected. */
  readonly ends: RunEnds
}

/** Makes states of nodes. */
export class NodeCompiler {
  readonly #around: NodeSurroundings

  constructor(around: NodeSurroundings) {
    this.#around = around
  }

  statesOf(node: NodePlan, graph: GraphPlan): NodeStates {
    switch (node.type) {
      case 'agent_call':
        return agentStates(node, graph, this.#around.agentOf(node), agent => this.#around.breakerOf(agent))
      case 'condition':
        return conditionStates(node, graph)
      case 'parallel_group':
        return this.#composite(node, graph, telling(node, new SubOrchestrationRunnable(this.#group(node))))
      case 'loop':
        return this.#composite(node, graph, this.#loop(node))
      case 'human_approval':
        return approvalStates(node, graph, this.#around.ends)
      case 'subworkflow':
        return this.#subworkflow(node, graph)
    }
  }

  #group({ id, body, policy, maxConcurrency, timeoutMs }: ParallelGroupPlan): Orchestration<unknown, unknown> {
    return new GraphOrchestration(
      body,
      {
        name: bodyName(id),
        begin: given,
        join: { policy },
        maxConcurrency,
        timeoutMs,
        finish: (record, arrived) => {
          const completed = record.completed()
          const here = [...body.nodes.keys()].filter(each => arrived.includes(each) && Object.hasOwn(completed, each))
          return Object.fromEntries(here.map(each => [each, completed[each]]))
        },
      },
      (node, graph) => this.statesOf(node, graph),
    )
  }

  #loop(node: LoopPlan): Untyped {
    const body = new GraphOrchestration(
      node.body,
      {
        name: bodyName(node.id),
        begin: given,
        finish: record => ({ output: record.lastOutput(), nodes: record.completed() }),
      },
      (each, inner) => this.statesOf(each, inner),
    )
    const turn = new SubOrchestrationRunnable(
      body as Orchestration<unknown, unknown> as Orchestration<GraphInput, TurnResult>,
    )
    const loop = new LoopRunnable(loopOptions(node, tellingNodes(turn, turnPlace)))
    if (node.timeoutMs !== undefined) loop.orchestration.configure({ timeoutMs: node.timeoutMs })
    return telling(node, loop) as Untyped
  }

  /** A node with a body: what the body finds is made before it begins. */
  #composite(node: ParallelGroupPlan | LoopPlan, graph: GraphPlan, run: Untyped): NodeStates {
    const { id } = node
    const prepare = state(prepareState(id), (_input: unknown, context): GraphInput => {
      const record = new GraphRecord(graph, context)
      const values = record.valuesOf(node)
      const { vars, input, outputs: around, before } = record.begun
      const outputs = Object.fromEntries(
        node.outer.flatMap(each => {
          const value = values.of(each)
          return value === undefined ? [] : [[each, value] as const]
        }),
      )
      const isFirst = node.predecessors.length === 0
      const led = isFirst ? before : record.cameFrom(node)
      const { previous } = values
      const { previous: _outer, ...loop } = vars
      const items = node.type === 'loop' ? node.forEach?.render(id, values) : undefined
      return {
        input,
        vars: {
          ...loop,
          ...(previous === undefined ? {} : { previous }),
          ...(items === undefined ? {} : { items }),
        },
        outputs: isFirst ? { ...Object.fromEntries(before.map(each => [each, around[each]])), ...outputs } : outputs,
        before: led,
      }
    })
    return prepared(id, prepare, run)
  }

  #subworkflow(node: SubworkflowPlan, graph: GraphPlan): NodeStates {
    const { id, input: template, timeoutMs } = node
    const prepare = state(prepareState(id), (_input: unknown, context) => {
      const record = new GraphRecord(graph, context)
      return template === undefined ? record.begun.input : template.render(id, record.valuesOf(node))
    })
    const run = new SubOrchestrationRunnable(within(id, this.#around.workflowOf(node), timeoutMs))
    return prepared(id, prepare, telling(node, run))
  }
}

/** A failure inside a node is told with the way there. */
function telling<T extends SubOrchestrationRunnable<never, unknown>>({ id }: NodePlan, run: T): T {
  return tellingNodes(run, () => id)
}

function turnPlace(input: unknown): string {
  return `[${String((input as GraphInput).vars['index'])}]`
}

/** A body is given what its nodes find. */
function given(input: unknown): GraphInput {
  return input as GraphInput
}
