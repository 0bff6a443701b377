import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, emptyDirectory } from './command-lines.js'
import { isAtHand, offered, shells } from './completing-shells.js'

async function scriptFor(shell: string): Promise<string> {
  const { out, code } = await cli(['completion', shell])
  expect(code).toBe(0)
  return out
}

/** What is offered behind a line, in a directory with a file `article.ts` and others that are called as commands are. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'advancer ru': ['run', 'runs'],
  'advancer --': ['--help', '--version'],
  'advancer runs re': ['reject', 'resume'],
  'advancer runs --': ['--help'],
  'advancer run ': ['article.ts', 'list', 'my article.ts', 'runs'],
  'advancer run art': ['article.ts'],
  'advancer run article.ts --inp': ['--input', '--input-text'],
  // A file that is called as a command is no command.
  'advancer run runs --max': ['--max-budget'],
  'advancer run list --max': ['--max-budget'],
  'advancer run --agents art': ['article.ts'],
  // What may be given several times is offered again, what is given is what comes next.
  'advancer serve --agents article.ts --agent': ['--agents'],
  'advancer run --kind ': ['plan', 'topology', 'workflow'],
  'advancer runs list --status c': ['cancelled', 'completed'],
  'advancer runs list -s f': ['failed'],
  'advancer runs list --st': ['--status', '--store'],
  'advancer runs show r1 --a': ['--at'],
  'advancer runs list ': [],
  'advancer completion z': ['zsh'],
}

describe('advancer completion', () => {
  it.each(shells.filter(isAtHand))('writes a script that %s can read', async shell => {
    const path = join(emptyDirectory(), 'script')
    writeFileSync(path, await scriptFor(shell))
    const { status, stderr } = spawnSync(shell, ['-n', path], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  for (const shell of shells) {
    it.skipIf(!isAtHand(shell))(`completes in ${shell}`, async () => {
      const cwd = emptyDirectory()
      for (const name of ['article.ts', 'my article.ts', 'list', 'runs']) writeFileSync(join(cwd, name), '')
      const lines = Object.keys(expected)
      const all = offered(shell, await scriptFor(shell), lines, cwd)
      expect(Object.fromEntries(lines.map((line, at) => [line, all[at]]))).toEqual(expected)
    })

    it.skipIf(!isAtHand(shell))(`completes the values of --name=value in ${shell}`, async () => {
      const cwd = emptyDirectory()
      mkdirSync(join(cwd, 'flows'))
      const lines = ['advancer diagram --format=s', 'advancer run --workflows=fl']
      const all = offered(shell, await scriptFor(shell), lines, cwd)
      const values = all.map(each => each.map(text => text.replace(/^--\w+=/, '').replace(/\/$/, '')))
      expect(values).toEqual([['svg'], ['flows']])
    })
  }

  it('knows every command in each shell', async () => {
    for (const shell of ['zsh', 'fish']) {
      const { out } = await cli(['completion', shell])
      for (const word of ['serve', 'approve', 'input-text', 'no-monitor', 'mermaid']) expect(out).toContain(word)
    }
  })
})
