import { type CompletedCommand, type CompletedOption, firstWords, secondWords } from './completed-command.js'

/** A script for zsh, to be sourced or to be put into a directory of `fpath` as `_advancer`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const groups = secondWords(commands)
  const described = (entries: Iterable<readonly [string, string]>): readonly string[] =>
    [...entries].map(([word, what]) => `      ${quoted(`${word}:${what}`)}`)
  const lines = [
    '#compdef advancer',
    '_advancer() {',
    '  local command="${words[2]}"',
    '  local -a list',
    '  if (( CURRENT == 2 )); then',
    '    list=(',
    ...described(firstWords(commands)),
    '    )',
    "    _describe 'command' list",
    '    return',
    '  fi',
    ...[...groups].flatMap(([group, members]) => [
      `  if [[ "$command" == ${group} ]]; then`,
      '    if (( CURRENT == 3 )); then',
      '      list=(',
      ...described(members.map(({ words, summary }) => [words[1] as string, summary] as const)),
      '      )',
      "      _describe 'command' list",
      '      return',
      '    fi',
      '    command="$command ${words[3]}"',
      '  fi',
    ]),
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

function optionSpecs({ name, short, description, takesValue, choices, isPath }: CompletedOption): readonly string[] {
  const about = `[${description.replaceAll(/[[\]\\:]/g, String.raw`\$&`)}]`
  const action = isPath ? '_files' : choices.length > 0 ? `(${choices.join(' ')})` : ' '
  const value = takesValue ? `:value:${action}` : ''
  const long = `--${name}${takesValue ? '=' : ''}${about}${value}`
  return short === undefined ? [long] : [long, `-${short}${about}${value}`]
}

function argumentSpec({ choices, takesPaths }: CompletedCommand): string {
  return `*::argument:${choices.length > 0 ? `(${choices.join(' ')})` : takesPaths ? '_files' : ' '}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
