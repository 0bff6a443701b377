import type { Command } from '../command.js'
import { definitionOptions, jsonOption, surroundingOptions } from '../loading/command-options.js'

const { 'allow-host': _allowHost, ...around } = surroundingOptions

/** `advancer verify`. */
export const verifyCommand: Command = {
  name: 'verify',
  summary: 'check a definition without running it',
  positionals: [{ name: 'file', description: 'JSON, or a module that exports an orchestration', isPath: true }],
  options: {
    ...definitionOptions,
    ...around,
    strict: { description: 'End with 3 also for warnings, and for agents and workflows that are missing' },
    ...jsonOption,
  },
  details: [
    'Errors keep a definition from running, and end the command with 3. Agents and workflows that a JSON definition names and that ' +
      'are not given with --agents and --workflows are listed; everything else is checked without them.',
  ],
  examples: [
    ['advancer verify research.json', 'check a JSON workflow'],
    ['advancer verify src/article.ts --strict', 'check an orchestration in code, with its warnings'],
    ['advancer verify research.json --json', 'the findings for programs'],
  ],
  run: async call => (await import('../looking/verify-definition.js')).verifyDefinition(call),
}
