import { relative } from 'node:path'
import { publicAddress, type Workflow, type WorkflowAgent, type WorkflowEnvironment } from '../../workflow/index.js'
import type { CommandCall } from '../command.js'
import { UsageError } from '../usage-error.js'
import { agentsIn } from './agents-in.js'
import type { Around } from './compile-definition.js'
import { findFile } from './find-file.js'
import { loadModule } from './load-module.js'
import { workflowsIn } from './workflow-files.js'

/** What is around the definitions of a command. */
export interface Surroundings extends Around {
  readonly agents: Map<string, WorkflowAgent>
  readonly workflowFiles: ReadonlyMap<string, Workflow>
  /** The modules that the agents are from. */
  readonly agentFiles: readonly string[]
}

/** What `--agents`, `--workflows` and `--allow-host` say. @throws UsageError */
export async function surroundingsOf({ args, io }: CommandCall): Promise<Surroundings> {
  const agentFiles: string[] = []
  for (const file of args.values('agents')) agentFiles.push(await findFile(file, io.cwd))
  const directory = args.value('workflows')
  const workflowFiles = directory === undefined ? new Map<string, Workflow>() : await workflowsIn(directory, io.cwd)
  return {
    agents: await loadAgents(agentFiles, io.cwd),
    agentFiles,
    workflowFiles,
    workflows: id => workflowFiles.get(id),
    ...outgoing(args.values('allow-host')),
  }
}

/** The agents that modules export. @throws UsageError for a module without any */
export async function loadAgents(files: readonly string[], cwd: string): Promise<Map<string, WorkflowAgent>> {
  const agents = new Map<string, WorkflowAgent>()
  for (const file of files) {
    const found = agentsIn(await loadModule(file, cwd), relative(cwd, file))
    if (found.size === 0) {
      throw new UsageError(
        `${relative(cwd, file)} exports no agent. Export agents, functions or orchestrations, or an object of them as default.`,
      )
    }
    for (const [name, agent] of found) agents.set(name, agent)
  }
  return agents
}

/** What one's own definitions may call: public addresses, and the hosts that are named. */
function outgoing(hosts: readonly string[]): Pick<WorkflowEnvironment, 'allowUrl'> {
  if (hosts.length === 0) return {}
  const named = new Set(hosts.map(host => host.toLowerCase()))
  return {
    allowUrl: url => {
      if (/^https?:$/.test(url.protocol) && (named.has(url.host) || (url.port === '' && named.has(url.hostname))))
        return true
      return publicAddress(url)
    },
  }
}
