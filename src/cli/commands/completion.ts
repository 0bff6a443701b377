import type { Command } from '../command.js'

/** The shells there is completion for. */
export const shells = ['bash', 'zsh', 'fish'] as const

/** `advancer completion`. */
export const completionCommand: Command = {
  name: 'completion',
  summary: 'write a script that completes command lines in a shell',
  positionals: [{ name: 'shell', description: 'bash, zsh or fish', choices: shells }],
  options: {},
  examples: [
    ['source <(advancer completion bash)', 'in ~/.bashrc'],
    ['source <(advancer completion zsh)', 'in ~/.zshrc, after compinit'],
    ['advancer completion fish > ~/.config/fish/completions/advancer.fish', 'once'],
  ],
  run: async call => (await import('../completion/write-completion.js')).writeCompletion(call),
}
