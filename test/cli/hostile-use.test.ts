import { existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/cli/arguments/parse-json.js'
import { quoted } from '../../src/cli/arguments/quoted.js'
import { orchestrationIn, orchestrationsIn } from '../../src/cli/loading/orchestrations-in.js'
import { Orchestration } from '../../src/core/index.js'
import { cli, emptyDirectory } from './command-lines.js'
import { spawned } from './processes.js'

const timeout = 40_000

function moduleOf(code: string): { readonly cwd: string } {
  const cwd = emptyDirectory()
  writeFileSync(join(cwd, 'm.mjs'), code)
  return { cwd }
}

describe('what a module does to the process', () => {
  it('does not look like success when it ends the process', { timeout }, async () => {
    const ended = spawned(['run', 'm.mjs', '--store', 'memory'], moduleOf('process.exit(0)'))
    expect(await ended.ended).toBe(1)
    expect(ended.err()).toContain('A module has ended the process')
  })

  it('is told without a stack when nothing catches it', { timeout }, async () => {
    const code = "Promise.reject(new Error('lost')); await new Promise(() => {})"
    const ended = spawned(['run', 'm.mjs', '--store', 'memory'], moduleOf(code))
    expect(await ended.ended).toBe(1)
    expect(ended.err()).toContain('error: What a module left uncaught has ended the process: lost.')
    expect(ended.err()).not.toContain('    at ')
  })

  it('leaves stdout to results when it logs', { timeout }, async () => {
    const ended = spawned(['run', 'm.mjs', '--json'], moduleOf("console.log('loaded')"))
    expect(await ended.ended).toBe(2)
    expect(ended.out()).toBe('')
    expect(ended.err()).toContain('loaded')
  })
})

describe('what is wrong with a file', () => {
  it('has the module in the message, whatever the module throws', async () => {
    const { err, code } = await cli(['run', 'm.mjs'], moduleOf("throw new Error('boom')"))
    expect(err).toContain('m.mjs cannot be loaded: boom')
    expect(code).toBe(1)
  })

  it('is said of agents that are no module', async () => {
    const cwd = emptyDirectory()
    writeFileSync(join(cwd, 'a.json'), '{}')
    const { err, code } = await cli(['run', 'a.json', '--agents', 'a.json'], { cwd })
    expect(err).toContain('a.json')
    expect(code).not.toBe(1)
  })

  it.each([
    ['{"a": 1,\n "b": x}', 'line 2, column 7'],
    ['[1,]', 'line 1, column 4'],
    ['{"a" 1}', 'line 1, column 6'],
    ['{"a": [1, 2}', 'line 1, column 12'],
    ['[1] 2', 'line 1, column 5'],
    ['["a\nb"]', 'line 1, column 2'],
    ['{"a": 01}', 'line 1, column 8'],
    ['[1', 'line 1, column 3'],
    [`[${' '.repeat(10_000)}x`, 'line 1, column 10002'],
  ])('has line and column of wrong JSON: %j', (text, place) => {
    expect(() => parseJson(text)).toThrow(place)
  })

  it('lists no more names than can be read', async () => {
    const cwd = emptyDirectory()
    for (let i = 0; i < 40; i++) writeFileSync(join(cwd, `some-${i}.json`), '')
    const { err } = await cli(['run', 'zzzzzzzzz.json'], { cwd })
    expect(err).toContain(', and 10 more.')
  })
})

describe('an orchestration that is exported under two names', () => {
  it('is one orchestration, and the default one if it is that', () => {
    class A extends Orchestration<unknown, unknown> {}
    class B extends Orchestration<unknown, unknown> {}
    const exports = { A, B, default: A }
    const found = orchestrationsIn(exports, 'm.js')
    expect(new Set(found.values()).size).toBe(2)
    expect(orchestrationIn(exports, 'm.js', undefined)).toBeInstanceOf(A)
    expect(orchestrationIn({ A, default: A }, 'm.js', 'A')).toBeInstanceOf(A)
  })
})

describe('a class that cannot be constructed', () => {
  it.each([TypeError, RangeError])('is told with its file, its name and the reason: %o', Fault => {
    class Broken extends Orchestration<unknown, unknown> {
      constructor() {
        super()
        throw new Fault('no model')
      }
    }
    expect(() => orchestrationIn({ Broken }, 'm.js', undefined)).toThrow(
      'm.js: "Broken" cannot be constructed: no model',
    )
  })
})

describe('lines that are made to be pasted into a shell', () => {
  it('quote what a shell would read otherwise', async () => {
    expect(quoted('r1')).toBe('r1')
    expect(quoted('x; rm -rf ~')).toBe("'x; rm -rf ~'")
    expect(quoted("it's")).toBe(String.raw`'it'\''s'`)
    const { err } = await cli(['init', 'Mein Projekt ü'], { cwd: emptyDirectory() })
    expect(err).toContain("cd 'Mein Projekt ü'")
  })
})

describe('what must not be given away or written elsewhere', () => {
  it('has no password in the message about an unknown store', async () => {
    const { err } = await cli(['runs', 'list', '--store', 'mysql://u:ge@heim@host/db'])
    expect(err).toContain('mysql://…@host/db')
    expect(err).not.toContain('heim')
  })

  it('writes a new project through no link', async () => {
    const cwd = emptyDirectory()
    symlinkSync(join(cwd, 'elsewhere'), join(cwd, 'README.md'))
    expect((await cli(['init'], { cwd })).code).toBe(2)
    expect(existsSync(join(cwd, 'elsewhere'))).toBe(false)
  })
})
