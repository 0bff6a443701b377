import type { Command } from '../command.js'
import { definitionOptions, storeOption, surroundingOptions } from '../loading/command-options.js'

const { 'allow-host': _allowHost, ...around } = surroundingOptions

/** The forms of a diagram. */
export const diagramFormats = ['mermaid', 'dot', 'plantuml', 'svg'] as const

/** `advancer diagram`. */
export const diagramCommand: Command = {
  name: 'diagram',
  summary: 'draw a definition, or a run of it',
  positionals: [{ name: 'file', description: 'JSON, or a module that exports an orchestration', isPath: true }],
  options: {
    format: {
      short: 'f',
      value: 'format',
      description: 'The form; without it what the ending of --out says, else mermaid',
      choices: diagramFormats,
    },
    out: { short: 'o', value: 'file', description: 'Write it to a file', isPath: true },
    direction: { value: 'direction', description: 'Where the states after a state are', choices: ['down', 'right'] },
    theme: { value: 'theme', description: 'The colours of an SVG', choices: ['light', 'dark'] },
    run: { value: 'id', description: 'Draw this run onto it: visits, times, the way it took' },
    ...definitionOptions,
    ...around,
    ...storeOption,
  },
  examples: [
    ['advancer diagram research.json', 'Mermaid, for Markdown'],
    ['advancer diagram src/article.ts --out article.svg', 'a picture'],
    ['advancer diagram src/article.ts --run 3f2a… --out run.svg', 'a picture of a run'],
  ],
  run: async call => (await import('../looking/draw-definition.js')).drawDefinition(call),
}
