import { commonOptions } from './arguments/parse-arguments.js'
import type { Command, CommandOption, Positional } from './command.js'
import { exitCodes } from './exit-code.js'
import type { Page } from './terminal/page.js'

/** What `--help` shows of a command. */
export function writeCommandHelp(page: Page, command: Command): void {
  const { bold } = page.styles
  page.line(`${bold(`advancer ${command.name}`)}: ${command.summary}`)
  page.line()
  const positionals = command.positionals.map(positionalText).join(' ')
  page.line(`${bold('Usage:')} ${['advancer', command.name, positionals, '[options]'].filter(Boolean).join(' ')}`)
  for (const paragraph of command.details ?? []) {
    page.line()
    for (const line of wrapped(paragraph, page.columns)) page.line(line)
  }
  if (command.positionals.length > 0) {
    writeSection(
      page,
      'Arguments',
      command.positionals.map(each => [each.name, each.description]),
    )
  }
  const options = Object.entries({ ...command.options, ...commonOptions })
  writeSection(
    page,
    'Options',
    options.map(([name, option]) => [optionText(name, option), descriptionOf(option)]),
  )
  if (command.examples.length > 0) {
    page.line()
    page.line(bold('Examples'))
    for (const [line, what] of command.examples) {
      page.line(`  ${page.styles.dim(`# ${what}`)}`)
      page.line(`  ${line}`)
    }
  }
  page.line()
}

/** What `advancer --help` shows. */
export function writeOverview(page: Page, commands: readonly Command[]): void {
  const { bold } = page.styles
  page.line(`${bold('advancer')}: runs, serves and looks into orchestrations of agents`)
  page.line()
  page.line(`${bold('Usage:')} advancer <command> [options]`)
  writeSection(
    page,
    'Commands',
    commands.map(({ name, summary }) => [name, summary]),
  )
  writeSection(page, 'Options', [
    ['-h, --help', 'Show this; after a command, show that'],
    ['-v, --version', 'Show the version'],
  ])
  writeSection(page, 'Environment', environment)
  writeSection(
    page,
    'Exit codes',
    exitCodes.map(([code, what]) => [String(code), what]),
  )
  page.line()
  page.line('Every command has examples: advancer run --help')
}

/** What `advancer runs --help` shows. */
export function writeGroupHelp(page: Page, group: string, commands: readonly Command[]): void {
  const { bold } = page.styles
  page.line(`${bold('Usage:')} advancer ${group} <command> [options]`)
  writeSection(
    page,
    'Commands',
    commands.map(({ name, summary }) => [name, summary]),
  )
  page.line()
}

/** The variables that the command heeds. */
const environment: readonly (readonly [string, string])[] = [
  ['ADVANCER_STORE', 'where runs are kept, if there is no --store'],
  ['DATABASE_URL', 'a PostgreSQL database for runs, if there is neither'],
  ['NO_COLOR', 'no colours if it is not empty'],
  ['FORCE_COLOR', 'colours also where nobody watches; 0 for none'],
  ['CI', 'nobody is asked at the terminal'],
]

function writeSection(page: Page, title: string, rows: readonly (readonly [string, string])[]): void {
  page.line()
  page.line(page.styles.bold(title))
  const width = Math.min(34, Math.max(...rows.map(([name]) => name.length)))
  const room = page.columns - width - 4
  // On a narrow terminal what is said of a name stands below it.
  const indent = room < leastRoom ? 4 : width + 4
  for (const [name, description] of rows) {
    const lines = wrapped(description, page.columns - indent)
    const isLong = name.length > width || room < leastRoom
    if (isLong) page.line(`  ${page.styles.cyan(name)}`)
    for (const [index, line] of lines.entries()) {
      const isFirst = index === 0 && !isLong
      const left = isFirst ? `  ${page.styles.cyan(name)}${' '.repeat(width - name.length)}  ` : ' '.repeat(indent)
      page.line(left + line)
    }
  }
}

const leastRoom = 30

function positionalText({ name, required = true, multiple = false }: Positional): string {
  const text = multiple ? `${name}...` : name
  return required ? `<${text}>` : `[${text}]`
}

function optionText(name: string, { short, value }: CommandOption): string {
  const letter = short === undefined ? '    ' : `-${short}, `
  return `${letter}--${name}${value === undefined ? '' : ` <${value}>`}`
}

function descriptionOf({ description, choices, multiple = false }: CommandOption): string {
  const values = choices === undefined ? '' : ` (${choices.join(', ')})`
  return `${description}${values}${multiple ? '; may be given several times' : ''}`
}

function wrapped(text: string, columns: number): readonly string[] {
  const room = Math.min(columns, 100)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
