import { type CompletedCommand, firstWords, secondWords } from './completed-command.js'

/** A script for fish. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const firsts = firstWords(commands)
  const lines = ['complete -c advancer -f']
  const isFirst = `not __fish_seen_subcommand_from ${[...firsts.keys()].join(' ')}`
  for (const [word, what] of firsts) lines.push(line(isFirst, `-a ${word} -d ${quoted(what)}`))
  for (const [group, members] of secondWords(commands)) {
    const names = members.map(({ words }) => words[1]).join(' ')
    const isSecond = `__fish_seen_subcommand_from ${group}; and not __fish_seen_subcommand_from ${names}`
    for (const { words, summary } of members) lines.push(line(isSecond, `-a ${words[1]} -d ${quoted(summary)}`))
  }
  for (const { words, options, choices, takesPaths } of commands) {
    const isThis = words.map(word => `__fish_seen_subcommand_from ${word}`).join('; and ')
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

function line(condition: string, rest: string): string {
  return `complete -c advancer -n ${quoted(condition)} ${rest}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`
}
