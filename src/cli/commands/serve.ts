import type { Command, Positional } from '../command.js'
import { jsonOption, storeOption, surroundingOptions } from '../loading/command-options.js'

/** What is served. */
export const servedPositionals: readonly Positional[] = [
  {
    name: 'module',
    description:
      'Modules that export orchestrations, agents, and as `chats` an object of functions that make chat runtimes',
    required: false,
    multiple: true,
    isPath: true,
  },
]

/** How what is served finds what is around it. */
export const servedOptions = {
  ...surroundingOptions,
  'allow-host': {
    value: 'host',
    description:
      'A host that workflows may call by `endpoint`: agents.example.com, *.example.com, with a port if that is not the usual',
    multiple: true,
  },
  'allow-private': { description: 'Those hosts may be in private networks and on this machine' },
  ...storeOption,
} as const

/** `advancer serve`. */
export const serveCommand: Command = {
  name: 'serve',
  summary: 'serve orchestrations and workflows over HTTP, with a monitor',
  positionals: servedPositionals,
  options: {
    port: { short: 'p', value: 'port', description: 'The port; 0 for any that is free; 8787 without it' },
    host: {
      value: 'address',
      description: 'The address to listen at; 127.0.0.1 without it. Any but loopback needs tokens',
    },
    'token-file': {
      value: 'file',
      description: 'Bearer tokens: a line each, or a JSON array of texts and of {"token", "tenant", "name", "scopes"}',
      isPath: true,
    },
    'token-env': { value: 'variable', description: 'A variable with the tokens, as in a token file' },
    ...servedOptions,
    'no-monitor': { description: 'Leave out the page for people' },
    grace: { value: 'seconds', description: 'How long states at work may take to finish at the end; 10 without it' },
    ...jsonOption,
  },
  details: [
    'Runs that were under way when a server of this store ended go on. SIGTERM and Ctrl-C let what is at work finish, put the runs ' +
      'aside for the next server, and end with 0; a second signal ends at once.',
    'Serving needs packages in the project: npm install hono @hono/node-server ws, and on Node below 22.13 libsql for SQLite.',
  ],
  examples: [
    ['advancer serve --workflows flows --agents agents.js', 'JSON workflows'],
    ['advancer serve src/article.ts --port 3000', 'orchestrations in code'],
    ['advancer serve dist/article.js --host 0.0.0.0 --token-env API_TOKENS', 'for others, with tokens'],
  ],
  run: async call => (await import('../serve/serve-orchestrations.js')).serveOrchestrations(call),
}
