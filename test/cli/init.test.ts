import { execFile, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cli, emptyDirectory } from './command-lines.js'
import { root } from './processes.js'

const execute = promisify(execFile)
const modules = join(root, 'node_modules')

/** This package as it is published; compiled here if there is no build. */
function builtPackage(within: string): string {
  if (existsSync(join(root, 'dist/cli/main.js'))) return root
  const directory = join(within, 'package')
  mkdirSync(directory)
  const compiler = [join(modules, 'typescript-native/bin/tsc'), '-p', join(root, 'tsconfig.build.json')]
  spawnSync(process.execPath, [...compiler, '--outDir', join(directory, 'dist')])
  cpSync(join(root, 'src/cli/project/template'), join(directory, 'dist/cli/project/template'), { recursive: true })
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest))
  symlinkSync(modules, join(directory, 'node_modules'), 'dir')
  return directory
}

describe('advancer init', () => {
  it('writes over nothing, and says what to do next', async () => {
    const cwd = emptyDirectory()
    const first = await cli(['init', 'My Article'], { cwd })
    expect(first.code).toBe(0)
    expect(first.out.trim().split('\n')).toEqual([
      'My Article/package.json',
      'My Article/tsconfig.json',
      'My Article/.gitignore',
      'My Article/README.md',
      'My Article/src/article.ts',
      'My Article/src/model.ts',
      'My Article/test/article.test.ts',
    ])
    expect(first.err).toContain('npm install')
    const manifest = JSON.parse(readFileSync(join(cwd, 'My Article/package.json'), 'utf8'))
    expect(manifest).toMatchObject({
      name: 'my-article',
      type: 'module',
      dependencies: { advancer: expect.any(String) },
    })
    expect(manifest.dependencies).not.toHaveProperty('pg')
    expect(readFileSync(join(cwd, 'My Article/README.md'), 'utf8')).toMatch(/^# my-article\n/)
    const again = await cli(['init', 'My Article'], { cwd })
    expect(again).toMatchObject({ code: 2, out: '' })
    expect(again.err).toContain('Nothing was written, because there is already: package.json')
    expect(await cli(['init', 'My Article', '--force', '--name', 'other'], { cwd })).toMatchObject({ code: 0 })
    expect(await cli(['init', 'x', '--name', 'No Name'], { cwd })).toMatchObject({ code: 2 })
  })

  describe('a new project', () => {
    const temporary = mkdtempSync(join(tmpdir(), 'advancer-init-'))
    const project = join(temporary, 'article')
    const run = (bin: string, ...args: readonly string[]) => runIn(project, bin, ...args)
    const runIn = (cwd: string, bin: string, ...args: readonly string[]) => {
      const kept = Object.entries(process.env).filter(([name]) => !/^(vitest|OPENAI|TSX)/i.test(name))
      return execute(process.execPath, [join(project, 'node_modules', bin), ...args], {
        cwd,
        env: { ...Object.fromEntries(kept), NO_COLOR: '1', NODE_ENV: 'test' },
      })
    }

    beforeAll(async () => {
      const linked = builtPackage(temporary)
      await cli(['init', 'article'], { cwd: temporary })
      const installed = join(project, 'node_modules')
      mkdirSync(installed)
      for (const name of readdirSync(modules)) {
        if (!name.startsWith('.') && name !== 'advancer')
          symlinkSync(join(modules, name), join(installed, name), 'junction')
      }
      symlinkSync(linked, join(installed, 'advancer'), 'junction')
    })

    afterAll(() => rmSync(temporary, { recursive: true, force: true }))

    it('compiles and passes its own tests', async () => {
      await run('typescript-native/bin/tsc', '--noEmit', '-p', '.')
      const { stdout } = await run('vitest/vitest.mjs', 'run', '--root', project)
      expect(stdout).toMatch(/Tests +3 passed/)
    })

    it.skipIf(process.platform === 'win32')('says that the working directory is gone', () => {
      const gone = join(temporary, 'gone')
      mkdirSync(gone)
      const main = join(project, 'node_modules/advancer/dist/cli/main.js')
      const args = ['-c', 'rmdir "$PWD" && exec "$@"', 'sh', process.execPath, main, 'runs', 'list']
      const { status, stderr } = spawnSync('sh', args, { cwd: gone, encoding: 'utf8' })
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: 'error: The working directory is not there any more. Change to another one.\n',
      })
    })

    it('is compiled as its own tsconfig.json says, wherever the command is started', async () => {
      const elsewhere = await runIn(temporary, 'advancer/dist/cli/main.js', 'verify', join(project, 'src/article.ts'))
      expect(elsewhere.stdout).toContain('Article (5 states)')
    })

    it('is verified, drawn and run by the command in it', async () => {
      const command = `advancer/dist/cli/main.js`
      expect((await run(command, 'verify', 'src/article.ts')).stdout).toContain('✓ Article (5 states)'.slice(2))
      expect((await run(command, 'diagram', 'src/article.ts')).stdout).toContain('Drafting')
      const waiting = await run(command, 'run', 'src/article.ts', '--input-text', 'Tides', '--run-id', 'r1').catch(
        (thrown: { readonly code: number }) => thrown,
      )
      expect(waiting).toMatchObject({ code: 4 })
      const { stdout } = await run(command, 'runs', 'approve', 'r1', '--resume')
      expect(stdout).toMatch(/^# A rehearsal\n\nThis would be written by a model/)
    })
  })
})
