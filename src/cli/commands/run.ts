import type { Command } from '../command.js'
import { definitionOptions, jsonOption, storeOption, surroundingOptions } from '../loading/command-options.js'

/** Options of commands that drive a run. */
export const drivingOptions = {
  wait: { description: 'Wait for answers from elsewhere, and neither ask nor pause' },
  ...jsonOption,
} as const

/** `advancer run`. */
export const runCommand: Command = {
  name: 'run',
  summary: 'run a workflow, a plan, a topology or an orchestration in code',
  positionals: [
    { name: 'file', description: 'JSON, or a module that exports an orchestration (.js, .mjs, .ts)', isPath: true },
  ],
  options: {
    input: { short: 'i', value: 'json', description: 'The input as JSON; @file reads a file, - standard input' },
    'input-text': { value: 'text', description: 'The input as a text; the task of a topology' },
    ...definitionOptions,
    ...surroundingOptions,
    ...storeOption,
    'run-id': { value: 'id', description: 'The id of the run; without it a random one' },
    'max-budget': { value: 'usd', description: 'What a workflow may cost, in USD' },
    ...drivingOptions,
  },
  details: [
    'Progress goes to stderr, the result to stdout: a text as it is, anything else as JSON. With --json stdout gets one event per ' +
      'line, and last a line of type "result".',
    'The run is kept, so that it can be looked into, answered and resumed with advancer runs. Where it waits for an approval or a ' +
      'message, you are asked at the terminal; where nobody can be asked, it is paused, and the command ends with 4.',
    'Ctrl-C pauses the run when what is at work is done (one in memory is cancelled); a second one ends the command at once.',
    'TypeScript is loaded with tsx if the project has it.',
  ],
  examples: [
    [`advancer run research.json --agents agents.js --input '{"topic": "tides"}'`, 'run a JSON workflow'],
    ['advancer run src/article.ts --input-text "Tides"', 'run an orchestration in code'],
    ['advancer run team.json --agents agents.js --input-text "Write about tides"', 'run a topology of agents'],
    ['cat input.json | advancer run research.json --input - --json | jq -c .type', 'events for programs'],
  ],
  run: async call => (await import('../runs/run-definition.js')).runDefinition(call),
}
