import type { ParsedArguments } from './arguments/parse-arguments.js'
import type { ExitCode } from './exit-code.js'
import type { Io } from './io.js'
import type { Terminal } from './terminal/terminal.js'

/** An option of a command, as `--help`, the parser and the shells' completion know it. */
export interface CommandOption {
  /** A letter, for `-j`. */
  readonly short?: string
  /** What its value is called; without, it is a switch. */
  readonly value?: string
  readonly description: string
  /** Whether it may be given several times. @default false */
  readonly multiple?: boolean
  /** The values there are, if they can be listed. */
  readonly choices?: readonly string[]
  /** Whether its value is a path, for completion. @default false */
  readonly isPath?: boolean
}

/** What a command is called with. */
export interface CommandCall {
  readonly args: ParsedArguments
  readonly io: Io
  readonly terminal: Terminal
  /** All there are. */
  readonly commands: readonly Command[]
}

/** A command of the command line. */
export interface Command {
  /** `run`, `runs list`. */
  readonly name: string
  /** One line. */
  readonly summary: string
  /** What comes after the name: `<file|module>`, `[dir]`, `[module…]`. */
  readonly positionals: readonly Positional[]
  readonly options: Readonly<Record<string, CommandOption>>
  /** Paragraphs that `--help` shows below the summary. */
  readonly details?: readonly string[]
  /** Command lines, and what they do. */
  readonly examples: readonly (readonly [commandLine: string, what: string])[]
  /** Does it; what it throws is shown as an error. */
  readonly run: (call: CommandCall) => Promise<ExitCode>
}

/** An argument that is no option. */
export interface Positional {
  readonly name: string
  readonly description: string
  /** @default true */
  readonly required?: boolean
  /** Whether there may be any number of them; only of the last. @default false */
  readonly multiple?: boolean
  readonly choices?: readonly string[]
  /** @default false */
  readonly isPath?: boolean
}
