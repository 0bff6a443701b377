import { type CompletedCommand, firstOptions, firstWords, secondWords } from './completed-command.js'

/** A script for fish. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const lines = [
    // By their places: a file may be called as a command is.
    'function __advancer_after',
    '  set -l words (commandline -opc)',
    '  test "$words[2..]" = "$argv"',
    'end',
    'function __advancer_in',
    '  set -l words (commandline -opc)',
    '  set -l last (math (count $argv) + 1)',
    '  test (count $words) -ge $last; and test "$words[2..$last]" = "$argv"',
    'end',
    'complete -c advancer -f',
  ]
  for (const [word, what] of firstWords(commands)) lines.push(line(after(), `-a ${word} -d ${quoted(what)}`))
  for (const [name, what] of firstOptions) lines.push(line(after(), `-l ${name} -d ${quoted(what)}`))
  for (const [group, members] of secondWords(commands)) {
    for (const { words, summary } of members) lines.push(line(after(group), `-a ${words[1]} -d ${quoted(summary)}`))
    lines.push(line(after(group), "-l help -d 'Show the commands'"))
  }
  for (const { words, options, choices, takesPaths } of commands) {
    const isThis = `__advancer_in ${words.join(' ')}`
    if (takesPaths) lines.push(line(isThis, '-F'))
    if (choices.length > 0) lines.push(line(isThis, `-a ${quoted(choices.join(' '))}`))
    for (const { name, short, description, takesValue, choices: values, isPath } of options) {
      const letter = short === undefined ? '' : ` -s ${short}`
      const value = !takesValue
        ? ''
        : values.length > 0
          ? ` -x -a ${quoted(values.join(' '))}`
          : isPath
            ? ' -r -F'
            : ' -x'
      lines.push(line(isThis, `-l ${name}${letter}${value} -d ${quoted(description)}`))
    }
  }
  return lines.join('\n')
}

function after(...words: readonly string[]): string {
  return ['__advancer_after', ...words].join(' ')
}

function line(condition: string, rest: string): string {
  return `complete -c advancer -n ${quoted(condition)} ${rest}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`
}
