import type { CommandOption } from '../command.js'
import { jsonKinds } from './definition.js'

/** Options that several commands have. */
export const storeOption: Readonly<Record<'store', CommandOption>> = {
  store: {
    value: 'store',
    description:
      'Where runs are kept: sqlite:<directory>, sqlite:<file>.db, postgres://…, or memory. Without it ADVANCER_STORE, else ' +
      'DATABASE_URL, else sqlite:.advancer',
  },
}

/** How a definition is read. */
export const definitionOptions: Readonly<Record<'export' | 'kind', CommandOption>> = {
  export: { value: 'name', description: 'The orchestration that is meant, of a module that exports several' },
  kind: { value: 'kind', description: 'What a JSON file is, if it is not what it looks like', choices: jsonKinds },
}

/** What a definition finds around it. */
export const surroundingOptions: Readonly<Record<'agents' | 'workflows' | 'allow-host', CommandOption>> = {
  agents: {
    value: 'module',
    description: 'A module that exports the agents which a JSON definition names: agents, functions, orchestrations',
    multiple: true,
    isPath: true,
  },
  workflows: {
    value: 'directory',
    description: 'A directory of JSON workflows, which others name by their file names without .json',
    isPath: true,
  },
  'allow-host': {
    value: 'host',
    description:
      'A host that workflows may call by `endpoint`, with its port if that is not the usual one; also in private networks',
    multiple: true,
  },
}

/** Output for programs. */
export const jsonOption: Readonly<Record<'json', CommandOption>> = {
  json: { description: 'Write JSON, for programs' },
}
