import {
  type CompletedCommand,
  type CompletedOption,
  firstOptions,
  firstWords,
  secondWords,
} from './completed-command.js'

/** A script for zsh, to be sourced or to be put into a directory of `fpath` as `_advancer`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const groups = secondWords(commands)
  const entry = ([word, what]: readonly [string, string]): string => `      ${quoted(`${word}:${what}`)}`
  /** Commands, or after a hyphen options. */
  const choice = (
    words: Iterable<readonly [string, string]>,
    options: Iterable<readonly [string, string]>,
  ): readonly string[] => [
    '    list=(',
    ...[...words].map(entry),
    '    )',
    '    [[ "$PREFIX" == -* ]] && list=(',
    ...[...options].map(([name, what]) => entry([`--${name}`, what])),
    '    )',
    "    _describe 'command' list",
    '    return',
  ]
  const lines = [
    '#compdef advancer',
    '_advancer() {',
    '  local command="${words[2]}"',
    '  local -a list',
    '  if (( CURRENT == 2 )); then',
    ...choice(firstWords(commands), firstOptions),
    '  fi',
    ...[...groups].flatMap(([group, members]) => [
      `  if [[ "$command" == ${group} ]]; then`,
      '    if (( CURRENT == 3 )); then',
      ...choice(
        members.map(({ words, summary }) => [words[1] as string, summary] as const),
        [['help', 'Show the commands']],
      ),
      '    fi',
      '    command="$command ${words[3]}"',
      '    shift words; (( CURRENT-- ))',
      '  fi',
    ]),
    // What is left is the last word of the command and what it is called with.
    '  shift words; (( CURRENT-- ))',
    '  case "$command" in',
    ...commands.flatMap(command => [
      `    ${quoted(command.words.join(' '))})`,
      '      _arguments \\',
      ...command.options.flatMap(option => optionSpecs(option).map(spec => `        ${quoted(spec)} \\`)),
      `        ${quoted(argumentSpec(command))}`,
      '      ;;',
    ]),
    '  esac',
    '}',
    'if [[ "$funcstack[1]" == _advancer ]]; then _advancer "$@"; else compdef _advancer advancer; fi',
  ]
  return lines.join('\n')
}

function optionSpecs(option: CompletedOption): readonly string[] {
  const { name, short, description, takesValue, choices, isPath, multiple } = option
  const about = `[${description.replaceAll(/[[\]\\:]/g, String.raw`\$&`)}]`
  const action = isPath ? '_files' : choices.length > 0 ? `(${choices.join(' ')})` : ' '
  const value = takesValue ? `:value:${action}` : ''
  const often = multiple ? '*' : ''
  const long = `${often}--${name}${takesValue ? '=' : ''}${about}${value}`
  return short === undefined ? [long] : [long, `${often}-${short}${about}${value}`]
}

function argumentSpec({ choices, takesPaths }: CompletedCommand): string {
  return `*:argument:${choices.length > 0 ? `(${choices.join(' ')})` : takesPaths ? '_files' : ' '}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
