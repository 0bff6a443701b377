import type { ChatMessage } from '../../chat/index.js'
import { OptionError } from '../../errors/index.js'
import type { ServerContext } from '../server-context.js'
import type { ServedOrchestration } from '../serving-options.js'
import { startRun } from '../start-run.js'
import { progressSuffix } from './asked.js'
import { inputOf, textOf } from './model-payload.js'
import { plainMessage } from './said-messages.js'
import type { ModelSource, RunModel, ServedModel } from './served-model.js'
import { answersOf } from './spoken-answer.js'

/**
 * Orchestrations and chats, by their names.
 * @throws OPTION_INVALID if a chat has the name of an orchestration, or if a name ends as no model's may
 */
export function modelsInCode(server: ServerContext): ModelSource {
  const created = server.clock.now()
  const models = new Map<string, ServedModel>()
  for (const [name, served] of server.orchestrations) models.set(name, runModel(server, name, served, created))
  for (const [name, open] of server.chats) {
    if (models.has(name)) throw new OptionError('chats', 'names that no orchestration has', name)
    models.set(name, { kind: 'chat', id: name, created, open })
  }
  for (const name of models.keys()) {
    if (name.endsWith(progressSuffix))
      throw new OptionError('chats', `names that do not end with "${progressSuffix}"`, name)
  }
  return { list: () => [...models.values()], find: (_principal, id) => models.get(id) }
}

function runModel(
  server: ServerContext,
  id: string,
  { orchestration, description }: ServedOrchestration,
  created: number,
): RunModel {
  return {
    kind: 'run',
    id,
    created,
    ...(description === undefined ? {} : { description }),
    answersOf: () => answersOf(orchestration.graph),
    has: record => record.orchestration === orchestration.name,
    textOf,
    start: async (principal, messages) => {
      const input = inputOf(id, orchestration.graph.input, messages.at(-1) as ChatMessage)
      const properties = { messages: messages.map(plainMessage) }
      return (await startRun(server, principal, { orchestration, input, properties })).id
    },
  }
}
