import type { ChatMessage } from '../../chat/index.js'
import { OrchestrationError } from '../../errors/index.js'
import type { WorkflowSummary } from '../../workflow/index.js'
import { GraphOrchestration } from '../../workflow/internal.js'
import { type ServerContext, workflowTags } from '../server-context.js'
import { startRun } from '../start-run.js'
import { jsonIn } from './decision.js'
import { fieldsOf } from './fields.js'
import { textIn, textOf } from './model-payload.js'
import { plainMessage } from './said-messages.js'
import type { ModelSource, RunModel } from './served-model.js'
import { answersOf } from './spoken-answer.js'

const prefix = 'workflow/'

/** How many workflows are asked for at once. */
const page = 200

/**
 * The active workflows of a caller's tenant, as `workflow/<id>`. A message that is a JSON object is the input of the execution; any other
 * is its `message`, next to all `messages` of the conversation.
 */
export function workflowModels(server: ServerContext): ModelSource {
  const { workflows } = server
  return {
    list: async ({ tenant }) => {
      const found: WorkflowSummary[] = []
      for (let total = Infinity; found.length < total; ) {
        const next = await workflows.list({ tenant, status: ['active'], limit: page, offset: found.length })
        if (next.workflows.length === 0) break
        found.push(...next.workflows)
        total = next.total
      }
      return found.map(each => workflowModel(server, each))
    },
    find: async ({ tenant }, id) => {
      if (!id.startsWith(prefix)) return undefined
      try {
        const found = await workflows.get(id.slice(prefix.length), { tenant })
        return found.status === 'active' ? workflowModel(server, found) : undefined
      } catch (thrown) {
        if (OrchestrationError.isInstance(thrown) && thrown.code === 'WORKFLOW_UNKNOWN') return undefined
        throw thrown
      }
    },
  }
}

function workflowModel(server: ServerContext, { id, name, description = name, createdAt }: WorkflowSummary): RunModel {
  return {
    kind: 'run',
    id: `${prefix}${id}`,
    created: createdAt,
    description,
    answersOf: async record => {
      const definition = await server.workflows.definitionOf(record)
      if (!(definition instanceof GraphOrchestration)) return () => false
      const { graph, spokenStates } = definition
      return answersOf(
        graph,
        graph.nodes.filter(({ name }) => spokenStates.has(name)),
      )
    },
    // Of all outputs, that of the last node.
    textOf: output => textOf(fieldsOf(output)['output'] ?? output),
    has: record => server.workflows.has(record) && record.tags[workflowTags.id] === id,
    start: async (principal, messages) => {
      const text = textIn(`${prefix}${id}`, messages.at(-1) as ChatMessage)
      const value = jsonIn(text)
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
      const given = isObject ? value : { message: text, messages: messages.map(plainMessage) }
      const { orchestration, input, options } = await server.workflows.prepare(id, {
        tenant: principal.tenant,
        input: given,
      })
      return (await startRun(server, principal, { ...options, orchestration, input })).id
    },
  }
}
