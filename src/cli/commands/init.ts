import type { Command } from '../command.js'

/** `advancer init`. */
export const initCommand: Command = {
  name: 'init',
  summary: 'write a new project with an orchestration and its test',
  positionals: [{ name: 'dir', description: 'The directory; without it this one', required: false, isPath: true }],
  options: {
    name: { value: 'name', description: 'The name of the package; without it that of the directory' },
    force: { description: 'Write over files that are there' },
  },
  details: [
    'Installs nothing: it says what to do next. Files that are there stay as they are, and then nothing is written.',
  ],
  examples: [
    ['npx advancer init article', 'a project in ./article'],
    ['cd article && npm install && npm test', 'and its test'],
  ],
  run: async call => (await import('../project/init-project.js')).initProject(call),
}
