import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { emptyDirectory } from './command-lines.js'

/** The shells that scripts are written for. */
export const shells = ['bash', 'zsh', 'fish'] as const

/** Whether a shell is there, with what it takes to ask it. */
export function isAtHand(shell: (typeof shells)[number]): boolean {
  const args = { bash: ['-c', ':'], zsh: ['-fc', 'zmodload zsh/zpty && autoload -Uz +X compinit'], fish: ['-c', ':'] }
  return spawnSync(shell, args[shell]).status === 0
}

/**
 * What a real shell offers behind each of some lines, in alphabetical order, when it has read a script.
 * @param cwd where paths are looked for
 */
export function offered(
  shell: (typeof shells)[number],
  script: string,
  lines: readonly string[],
  cwd: string,
): readonly (readonly string[])[] {
  const directory = emptyDirectory()
  const [driver, completion] = [join(directory, 'driver'), join(directory, '_advancer')]
  writeFileSync(driver, drivers[shell])
  writeFileSync(completion, script)
  const plain = shell === 'bash' ? ['--norc', '--noprofile'] : shell === 'zsh' ? ['-f'] : ['--no-config']
  const { stdout, stderr, error } = spawnSync(shell, [...plain, driver, completion, ...lines], {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, TERM: 'dumb', HOME: directory, XDG_CONFIG_HOME: directory, XDG_DATA_HOME: directory },
  })
  if (error !== undefined || stderr !== '') throw new Error(`${shell} said:\n${stdout}\n${stderr}`, { cause: error })
  const answers = stdout.split(/^line:.*\n/m).slice(1)
  return answers.map(text => [...new Set(text.split('\n').filter(Boolean))].sort())
}

const drivers: Readonly<Record<(typeof shells)[number], string>> = {
  // Readline takes apart what it completes at blanks and at =.
  bash: `
source "$1"; shift
for line in "$@"; do
  spaced="\${line//=/ = }"
  read -ra COMP_WORDS <<< "$spaced"
  case "$spaced" in *' ') COMP_WORDS+=('') ;; esac
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
  _advancer
  printf 'line:%s\\n' "$line"
  printf '%s\\n' "\${COMPREPLY[@]}"
done
`,
  // The line editor of zsh wants a terminal; what it is given for completion is overheard.
  zsh: `
zmodload zsh/zpty
script=$1; shift
inner=\${0}.inner
cat > $inner <<'INNER'
PROMPT=
autoload -Uz compinit
compinit -u -D
compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits
  builtin compadd -A hits "$@"
  (( $#hits )) && print -rl -- "offers:"\${(Q)^hits}
  builtin compadd "$@"
}
tell() { _main_complete; compstate[insert]=; compstate[list]=; print -r -- "<end $BUFFER>" }
zle -C tell complete-word tell
bindkey -e
bindkey '^I' tell
INNER
zpty shell zsh -f -i
zpty -w shell "source $inner; source $script; print '<rea''dy>'"
zpty -r shell output '*<ready>*'
for line in "$@"; do
  zpty -w -n shell $line$'\\t'
  zpty -r shell output "*<end $line>*"
  print -r -- "line:$line"
  for each in \${(f)\${output//$'\\r'/}}; do [[ $each == *offers:* ]] && print -r -- \${each##*offers:}; done
  zpty -w -n shell $'\\x15'
done
zpty -d shell
`,
  fish: `
source $argv[1]
for line in $argv[2..]
  echo "line:$line"
  complete -C "$line" | string replace -r '\\t.*' ''
end
`,
}
