import { didYouMean } from './arguments/nearest-name.js'
import { parseArguments } from './arguments/parse-arguments.js'
import type { Command } from './command.js'
import { writeCommandHelp, writeGroupHelp, writeOverview } from './command-help.js'
import { commands } from './commands/commands.js'
import { ExitCode, exitCodeOf } from './exit-code.js'
import type { Io } from './io.js'
import { packageVersion } from './package-manifest.js'
import { reportError } from './terminal/report-error.js'
import { Terminal } from './terminal/terminal.js'
import { UsageError } from './usage-error.js'

/** Does what a command line says; resolves with what the process is to end with, and never rejects. */
export async function runCommandLine(args: readonly string[], io: Io): Promise<ExitCode> {
  const terminal = new Terminal(io)
  try {
    return await execute(args, io, terminal)
  } catch (thrown) {
    reportError(terminal, thrown, args.includes('--debug'))
    return exitCodeOf(thrown)
  }
}

async function execute(args: readonly string[], io: Io, terminal: Terminal): Promise<ExitCode> {
  const [first, second] = args
  if (first === undefined) {
    writeOverview(terminal.err, commands)
    return ExitCode.Usage
  }
  if (first === '--version' || first === '-v') {
    terminal.out.line(packageVersion())
    return ExitCode.Ok
  }
  if (isHelp(first)) return help(args.slice(1), terminal)
  const group = commandsIn(first)
  if (group.length > 0 && (second === undefined || isHelp(second))) {
    const page = second === undefined ? terminal.err : terminal.out
    writeGroupHelp(page, first, group)
    return second === undefined ? ExitCode.Usage : ExitCode.Ok
  }
  const { command, rest } = commandIn(args)
  const parsed = parseArguments(command, rest)
  if (parsed.has('help')) {
    writeCommandHelp(terminal.out, command)
    return ExitCode.Ok
  }
  return command.run({ args: parsed, io, terminal, commands })
}

function help(args: readonly string[], terminal: Terminal): ExitCode {
  const [first, second] = args.filter(each => !isHelp(each))
  if (first === undefined) writeOverview(terminal.out, commands)
  else if (second === undefined && commandsIn(first).length > 0) writeGroupHelp(terminal.out, first, commandsIn(first))
  else writeCommandHelp(terminal.out, commandIn([first, second ?? '']).command)
  return ExitCode.Ok
}

function isHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h' || argument === 'help'
}

/** The commands whose names have another word behind this one. */
function commandsIn(group: string): readonly Command[] {
  return commands.filter(({ name }) => name.startsWith(`${group} `))
}

/** @throws UsageError with the names that come nearest */
function commandIn(args: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } {
  const [first = '', second = ''] = args
  const group = commandsIn(first)
  if (group.length > 0) {
    const command = group.find(({ name }) => name === `${first} ${second}`)
    if (command !== undefined) return { command, rest: args.slice(2) }
    const names = group.map(({ name }) => name.slice(first.length + 1))
    throw new UsageError(`There is no command "${first} ${second}". ${didYouMean(second, names, `${first} `)}`)
  }
  const command = commands.find(({ name }) => name === first)
  if (command !== undefined) return { command, rest: args.slice(1) }
  const names = [...new Set(commands.map(({ name }) => name.split(' ')[0] as string))]
  throw new UsageError(`There is no command "${first}". ${didYouMean(first, names)} See advancer --help.`)
}
