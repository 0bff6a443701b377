import {
  type CompletedCommand,
  type CompletedOption,
  firstOptions,
  firstWords,
  secondWords,
} from './completed-command.js'

/** A script for bash; it needs nothing but bash 3.2. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const groups = secondWords(commands)
  const firsts = [...firstWords(commands).keys(), ...[...firstOptions.keys()].map(name => `--${name}`)]
  const lines = [
    // A path may have spaces in it.
    `_advancer_paths() { local IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$1")); }`,
    '_advancer() {',
    '  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" command="${COMP_WORDS[1]}" options="" values="" paths=""',
    '  COMPREPLY=()',
    // Bash takes --name=value for three words.
    '  if [ "$current" = "=" ]; then current=""',
    '  elif [ "$previous" = "=" ]; then previous="${COMP_WORDS[COMP_CWORD-2]}"',
    '  fi',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${firsts.join(' ')}" -- "$current"))`,
    '    return',
    '  fi',
    ...[...groups].flatMap(([group, members]) => [
      `  if [ "$command" = "${group}" ]; then`,
      '    if [ "$COMP_CWORD" -eq 2 ]; then',
      `      COMPREPLY=($(compgen -W "${members.map(({ words }) => words[1]).join(' ')} --help" -- "$current"))`,
      '      return',
      '    fi',
      '    command="$command ${COMP_WORDS[2]}"',
      '  fi',
    ]),
    '  case "$command" in',
    ...commands.flatMap(command => [
      `    "${command.words.join(' ')}")`,
      `      options="${command.options.map(({ name }) => `--${name}`).join(' ')}"`,
      ...(command.choices.length === 0 ? [] : [`      values="${command.choices.join(' ')}"`]),
      ...(command.takesPaths ? ['      paths=1'] : []),
      '      case "$previous" in',
      ...command.options.filter(({ takesValue }) => takesValue).map(optionCase),
      '      esac',
      '      ;;',
    ]),
    '  esac',
    '  case "$current" in',
    '    -*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;',
    '    *)',
    '      [ -n "$values" ] && COMPREPLY=($(compgen -W "$values" -- "$current"))',
    '      [ -n "$paths" ] && _advancer_paths "$current"',
    '      ;;',
    '  esac',
    '}',
    'complete -o filenames -F _advancer advancer',
  ]
  return lines.join('\n')
}

function optionCase({ name, short, choices, isPath }: CompletedOption): string {
  const names = short === undefined ? `--${name}` : `--${name}|-${short}`
  if (isPath) return `        ${names}) _advancer_paths "$current"; return ;;`
  if (choices.length === 0) return `        ${names}) return ;;`
  return `        ${names}) COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$current")); return ;;`
}
