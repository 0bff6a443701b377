import { commonOptions } from '../arguments/parse-arguments.js'
import type { Command, CommandOption } from '../command.js'

/** What a shell has to know of a command. */
export interface CompletedCommand {
  /** One word, or two. */
  readonly words: readonly string[]
  readonly summary: string
  readonly options: readonly CompletedOption[]
  /** What may stand in its arguments, if they can be listed. */
  readonly choices: readonly string[]
  /** Whether its arguments are paths. */
  readonly takesPaths: boolean
}

/** What a shell has to know of an option. */
export interface CompletedOption {
  readonly name: string
  readonly short: string | undefined
  readonly description: string
  readonly takesValue: boolean
  readonly choices: readonly string[]
  readonly isPath: boolean
  readonly multiple: boolean
}

/** What a shell has to know of the commands. */
export function completed(commands: readonly Command[]): readonly CompletedCommand[] {
  return commands.map(({ name, summary, options, positionals }) => ({
    words: name.split(' '),
    summary,
    options: Object.entries({ ...options, ...commonOptions }).map(([option, about]) => completedOption(option, about)),
    choices: positionals.flatMap(({ choices = [] }) => choices),
    takesPaths: positionals.some(({ isPath }) => isPath === true),
  }))
}

function completedOption(name: string, option: CommandOption): CompletedOption {
  const { short, value, description, choices = [], isPath = false, multiple = false } = option
  // The first sentence is enough for a list.
  const [first = description] = description.split(/[:;] |\. /)
  return { name, short, description: first, takesValue: value !== undefined, choices, isPath, multiple }
}

/** The options that may come first instead of a command. */
export const firstOptions: ReadonlyMap<string, string> = new Map([
  ['help', 'Show the commands'],
  ['version', 'Show the version'],
])

/** The words that may come first, with what they do. */
export function firstWords(commands: readonly CompletedCommand[]): ReadonlyMap<string, string> {
  const words = new Map<string, string>()
  for (const {
    words: [first = '', second],
    summary,
  } of commands) {
    if (!words.has(first)) words.set(first, second === undefined ? summary : `${first} of a store`)
  }
  return words
}

/** The words that may come second, by the first. */
export function secondWords(commands: readonly CompletedCommand[]): ReadonlyMap<string, readonly CompletedCommand[]> {
  const groups = new Map<string, CompletedCommand[]>()
  for (const command of commands) {
    const [first = '', second] = command.words
    if (second !== undefined) groups.set(first, [...(groups.get(first) ?? []), command])
  }
  return groups
}
