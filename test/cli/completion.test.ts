import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, emptyDirectory } from './command-lines.js'

const isInstalled = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0

async function scriptFor(shell: string): Promise<string> {
  const path = join(emptyDirectory(), `completion.${shell}`)
  const { out, code } = await cli(['completion', shell])
  expect(code).toBe(0)
  writeFileSync(path, out)
  return path
}

function completed(script: string, words: readonly string[]): readonly string[] {
  const line = `COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _advancer; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = spawnSync('bash', ['-c', `source ${script}; ${line}`], { encoding: 'utf8' })
  return stdout.trim().split('\n')
}

describe('advancer completion', () => {
  it.each(['bash', 'zsh', 'fish'].filter(isInstalled))('writes a script that %s can read', async shell => {
    const { status, stderr } = spawnSync(shell, ['-n', await scriptFor(shell)], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  it('completes commands, options and values in bash', async () => {
    const script = await scriptFor('bash')
    expect(completed(script, ['advancer', 'r'])).toEqual(['run', 'runs'])
    expect(completed(script, ['advancer', 'runs', 're'])).toEqual(['resume', 'reject'])
    expect(completed(script, ['advancer', 'run', 'a.json', '--inp'])).toEqual(['--input', '--input-text'])
    expect(completed(script, ['advancer', 'runs', 'list', '--status', 'c'])).toEqual(['completed', 'cancelled'])
    expect(completed(script, ['advancer', 'completion', 'z'])).toEqual(['zsh'])
  })

  it('knows every command in each shell', async () => {
    for (const shell of ['zsh', 'fish']) {
      const { out } = await cli(['completion', shell])
      for (const word of ['serve', 'approve', 'input-text', 'no-monitor', 'mermaid']) expect(out).toContain(word)
    }
  })
})
