import { relative } from 'node:path'
import type { ChatRuntime } from '../../chat/index.js'
import type { Logger } from '../../core/index.js'
import type { HostedOrchestration } from '../../durability/index.js'
import { createHandler, type ServingHandler, type ServingOptions } from '../../serving/index.js'
import type { CommandCall } from '../command.js'
import { agentsIn } from '../loading/agents-in.js'
import { findFile } from '../loading/find-file.js'
import { keepWorkflow } from '../loading/keep-workflow.js'
import { loadModule, type ModuleExports } from '../loading/load-module.js'
import { type OpenStore, openStore } from '../loading/open-store.js'
import { orchestrationsIn } from '../loading/orchestrations-in.js'
import { surroundingsOf } from '../loading/surroundings.js'
import { printable } from '../terminal/printable.js'
import { UsageError } from '../usage-error.js'

/** What is served. */
export interface Served {
  readonly handler: ServingHandler
  readonly kept: OpenStore
  readonly orchestrations: readonly HostedOrchestration[]
  /** The names by which workflows call agents. */
  readonly agents: readonly string[]
  /** How many workflows there are files of. */
  readonly workflows: number
}

/** Makes the handler of what a command line names, with the workflows of its directory in the store. */
export async function served(
  call: CommandCall,
  options: Pick<ServingOptions, 'auth' | 'monitor'>,
  tenants: readonly string[],
): Promise<Served> {
  const { args, io, terminal } = call
  const around = await surroundingsOf(call)
  const orchestrations: HostedOrchestration[] = []
  const chats: Record<string, () => ChatRuntime> = {}
  const whose = new Map<string, string>()
  const paths = new Set<string>()
  for (const file of args.positionals) paths.add(await findFile(file, io.cwd))
  for (const path of paths) {
    const shown = relative(io.cwd, path)
    const exports = await loadModule(path, io.cwd)
    const found = [...new Set(orchestrationsIn(exports, shown).values())]
    const agents = agentsIn(exports, shown)
    const moreChats = chatsIn(exports)
    if (found.length === 0 && agents.size === 0 && Object.keys(moreChats).length === 0) {
      throw new UsageError(
        `${shown} exports no orchestration, no agent and no chats, so there is nothing in it to serve.`,
      )
    }
    for (const { name } of found) {
      const other = whose.get(name)
      if (other !== undefined) {
        throw new UsageError(
          `Two orchestrations are called "${name}", in ${other} and in ${shown}. Rename one of them.`,
        )
      }
      whose.set(name, shown)
    }
    orchestrations.push(...found)
    for (const [name, agent] of agents) around.agents.set(name, agent)
    Object.assign(chats, moreChats)
  }
  const { err } = terminal
  const logger: Logger = {
    warn: (message, error) => err.line(`${err.styles.yellow('warning:')} ${printable(`${message}: ${error.message}`)}`),
  }
  const kept = await openStore(args.value('store'), io)
  try {
    const handler = await createHandler({
      store: kept.store,
      orchestrations,
      chats,
      workflows: { agents: around.agents, hosts: args.values('allow-host'), allowPrivate: args.has('allow-private') },
      logger,
      ...options,
    })
    for (const tenant of tenants) {
      for (const [id, workflow] of around.workflowFiles) {
        await keepWorkflow(handler.server.workflows, id, workflow, tenant)
      }
    }
    return { handler, kept, orchestrations, agents: [...around.agents.keys()], workflows: around.workflowFiles.size }
  } catch (thrown) {
    await kept.store.close()
    throw thrown
  }
}

function chatsIn({ chats }: ModuleExports): Readonly<Record<string, () => ChatRuntime>> {
  if (typeof chats !== 'object' || chats === null) return {}
  const entries = Object.entries(chats).filter(([, make]) => typeof make === 'function')
  return Object.fromEntries(entries) as Record<string, () => ChatRuntime>
}
