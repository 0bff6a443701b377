import type { CommandCall } from '../command.js'
import type { shells } from '../commands/completion.js'
import { ExitCode } from '../exit-code.js'
import { bashCompletion } from './bash-completion.js'
import { completed } from './completed-command.js'
import { fishCompletion } from './fish-completion.js'
import { zshCompletion } from './zsh-completion.js'

/** `advancer completion`. */
export async function writeCompletion({ args, terminal, commands }: CommandCall): Promise<ExitCode> {
  const shell = args.positional(0) as (typeof shells)[number]
  const script = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }[shell]
  terminal.out.line(script(completed(commands)))
  return ExitCode.Ok
}
