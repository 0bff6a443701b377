import { parseArgs } from 'node:util'
import type { Command, CommandOption } from '../command.js'
import { UsageError } from '../usage-error.js'
import { didYouMean } from './nearest-name.js'

/** The arguments of a command. Asking for an option that the command does not have is a mistake of the command. */
export class ParsedArguments {
  readonly #values: ReadonlyMap<string, readonly (string | true)[]>
  /** In the order in which they were given. */
  readonly positionals: readonly string[]

  constructor(values: ReadonlyMap<string, readonly (string | true)[]>, positionals: readonly string[]) {
    this.#values = values
    this.positionals = positionals
  }

  /** Whether a switch was given. */
  has(option: string): boolean {
    return this.#values.has(option)
  }

  /** The value of an option. */
  value(option: string): string | undefined {
    return this.values(option)[0]
  }

  /** The values of an option that may be given several times. */
  values(option: string): readonly string[] {
    return (this.#values.get(option) ?? []).filter(value => value !== true)
  }

  /** The value of an option that is a number. @throws UsageError */
  number(option: string, expected: string, isRight: (value: number) => boolean): number | undefined {
    const text = this.value(option)
    if (text === undefined) return undefined
    const value = Number(text)
    if (text.trim() !== '' && Number.isFinite(value) && isRight(value)) return value
    throw new UsageError(`--${option} must be ${expected}, but is ${JSON.stringify(text)}.`)
  }

  /** A whole number from `least` on. @throws UsageError */
  wholeNumber(option: string, least: number): number | undefined {
    return this.number(option, `a whole number from ${least} on`, value => Number.isInteger(value) && value >= least)
  }

  /** A positional argument that the command requires. */
  positional(index: number): string {
    return this.positionals[index] as string
  }
}

/** What every command takes. */
export const commonOptions: Readonly<Record<string, CommandOption>> = {
  help: { short: 'h', description: 'Show this' },
  debug: { description: 'Show where errors come from' },
}

/** Reads the arguments of a command. @throws UsageError, with the nearest name for an unknown option */
export function parseArguments(command: Command, args: readonly string[]): ParsedArguments {
  const options = { ...commonOptions, ...command.options }
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(options).map(([name, { short, value }]) => [
        name,
        { type: value === undefined ? 'boolean' : 'string', multiple: true, ...(short === undefined ? {} : { short }) },
      ]),
    ),
    // What is wrong is told here, with what was meant.
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const values = new Map<string, (string | true)[]>()
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined
    if (option === undefined) throw unknownOption(command, token.rawName, Object.keys(options))
    const given = values.get(token.name) ?? []
    if (given.length > 0 && option.value !== undefined && option.multiple !== true) {
      throw new UsageError(`--${token.name} was given twice. Give it once.`)
    }
    given.push(valueOf(token, option))
    values.set(token.name, given)
  }
  if (!values.has('help')) checkPositionals(command, positionals)
  return new ParsedArguments(values, positionals)
}

interface OptionToken {
  readonly name: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function valueOf({ name, value, inlineValue }: OptionToken, option: CommandOption): string | true {
  if (option.value === undefined) {
    if (value === undefined) return true
    throw new UsageError(`--${name} is a switch and takes no value; write --${name}.`)
  }
  const isLikeOption = inlineValue !== true && value !== undefined && /^-\D/.test(value)
  if (value === undefined || isLikeOption) {
    const meant = isLikeOption ? ` If ${value} is its value, write --${name}=${value}.` : ''
    throw new UsageError(`--${name} needs a value: --${name} <${option.value}>.${meant}`)
  }
  const { choices } = option
  if (choices !== undefined && !choices.includes(value)) {
    throw notAmong(`--${name}`, value, choices)
  }
  return value
}

function notAmong(what: string, value: string, choices: readonly string[]): UsageError {
  const hint = didYouMean(value, choices)
  const meant = hint.startsWith('Did') ? ` ${hint}` : ''
  return new UsageError(`${what} must be one of ${choices.join(', ')}, but is "${value}".${meant}`)
}

function unknownOption({ name }: Command, rawName: string, known: readonly string[]): UsageError {
  const hint = didYouMean(rawName.replace(/^-+/, ''), known, '--')
  return new UsageError(`"advancer ${name}" has no option ${rawName}. ${hint} See advancer ${name} --help.`)
}

function checkPositionals({ name, positionals }: Command, given: readonly string[]): void {
  for (const [index, { name: what, required = true, choices }] of positionals.entries()) {
    const value = given[index]
    if (value === undefined) {
      if (required) throw new UsageError(`"advancer ${name}" needs <${what}>. See advancer ${name} --help.`)
    } else if (choices !== undefined && !choices.includes(value)) {
      throw notAmong(`<${what}>`, value, choices)
    }
  }
  const extra = given[positionals.length]
  if (extra !== undefined && positionals.at(-1)?.multiple !== true) {
    throw new UsageError(`"advancer ${name}" does not take "${extra}". See advancer ${name} --help.`)
  }
}
