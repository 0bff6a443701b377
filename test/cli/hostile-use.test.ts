import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/cli/arguments/parse-json.js'
import { quoted } from '../../src/cli/arguments/quoted.js'
import { orchestrationIn, orchestrationsIn } from '../../src/cli/loading/orchestrations-in.js'
import { placeOfFault } from '../../src/cli/loading/place-of-fault.js'
import { Orchestration } from '../../src/core/index.js'
import { cli, emptyDirectory, fixture } from './command-lines.js'
import { root, spawned } from './processes.js'

function moduleOf(code: string): { readonly cwd: string } {
  const cwd = emptyDirectory()
  writeFileSync(join(cwd, 'm.mjs'), code)
  return { cwd }
}

describe('what a module does to the process', () => {
  it('does not look like success when it ends the process', async () => {
    const ended = spawned(['run', 'm.mjs', '--store', 'memory'], moduleOf('process.exit(0)'))
    expect(await ended.ended).toBe(1)
    expect(ended.err()).toContain('A module has ended the process')
  })

  it('is told without a stack when nothing catches it', async () => {
    const code = "Promise.reject(new Error('lost')); await new Promise(() => {})"
    const ended = spawned(['run', 'm.mjs', '--store', 'memory'], moduleOf(code))
    expect(await ended.ended).toBe(1)
    expect(ended.err()).toContain('error: What a module left uncaught has ended the process: lost.')
    expect(ended.err()).not.toContain('    at ')
  })

  it('leaves stdout to results when it logs', async () => {
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

  it('says what to do about a module that is taken for CommonJS', async () => {
    const cwd = emptyDirectory()
    writeFileSync(join(cwd, 'package.json'), '{ "type": "commonjs" }')
    writeFileSync(join(cwd, 'm.ts'), 'export const a = 1\n')
    const ended = spawned(['verify', 'm.ts'], { cwd })
    expect(await ended.ended).toBe(2)
    // Later versions of Node load it all the same, and then it has no orchestration.
    const advice = 'Put "type": "module" into the package.json of the project, or call the file m.mts.'
    expect([advice, 'm.ts exports no orchestration'].some(said => ended.err().includes(said))).toBe(true)
  })

  it('has the line of a syntax error', () => {
    const { cwd } = moduleOf('const a = 1\n  const b = = 2\n')
    expect(placeOfFault(join(cwd, 'm.mjs'))).toBe(' (line 2: const b = = 2)')
    expect(placeOfFault(join(moduleOf("import './other.mjs'").cwd, 'm.mjs'))).toBe('')
  })

  it('is said of what cannot be read, and not that it is not there', async () => {
    const cwd = emptyDirectory()
    symlinkSync('nowhere.mjs', join(cwd, 'link.mjs'))
    const link = await cli(['run', 'link.mjs'], { cwd })
    expect(link).toMatchObject({ code: 2, err: expect.stringContaining('link.mjs cannot be read: ENOENT') })
    mkdirSync(join(cwd, 'within'))
    writeFileSync(join(cwd, 'within/flow.json'), '{}')
    expect((await cli(['run', 'within/flwo.json'], { cwd })).err).toContain('Did you mean "within/flow.json"?')
  })

  it('says that a class needs arguments, and that a module has no kind', async () => {
    const { cwd } = moduleOf('')
    symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'), 'junction')
    writeFileSync(
      join(cwd, 'needs.ts'),
      `import { Orchestration } from '${join(root, 'src/core/index.ts').replaceAll('\\', '/')}'
      export class Needs extends Orchestration<string, string> { constructor(readonly a: string) { super() } }`,
    )
    const { code, err } = await cli(['run', 'needs.ts', '--input-text', 'x'], { cwd })
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('constructor of "Needs" needs argum') })
    const kind = await cli(['verify', 'needs.ts', '--kind', 'plan'], { cwd })
    expect(kind).toMatchObject({
      code: 2,
      err: expect.stringContaining('--kind is for JSON, but needs.ts is a module'),
    })
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
    ['["\\u00e9\\n", "\\x"]', 'line 1, column 14'],
    ['[True]', 'line 1, column 2'],
  ])('has line and column of wrong JSON: %j', (text, place) => {
    expect(() => parseJson(text)).toThrow(place)
  })

  it('has the place behind a text of many megabytes', () => {
    expect(() => parseJson(`["${'a'.repeat(20_000_000)}" x]`)).toThrow('line 1, column 20000005')
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
    expect(quoted("it's", 'linux')).toBe(String.raw`'it'\''s'`)
    expect(quoted('C:\\my runs', 'win32')).toBe(String.raw`"C:\my runs"`)
    expect(quoted('a"b', 'win32')).toBe(String.raw`"a\"b"`)
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

describe('workflows by the names of their files', () => {
  const run = ['--agents', fixture('agents.ts'), '--input', '{"topic":"tides"}']

  it('are told apart in any script', async () => {
    const cwd = emptyDirectory()
    for (const name of ['мой файл.json', '潮.json']) copyFileSync(fixture('search.json'), join(cwd, name))
    for (const name of ['мой файл.json', '潮.json']) {
      expect(await cli(['run', name, ...run], { cwd })).toMatchObject({ code: 0 })
    }
    const { runs } = JSON.parse((await cli(['runs', 'list', '--json'], { cwd })).out)
    const names = runs.map((each: { readonly orchestration: string }) => each.orchestration)
    expect(names.sort()).toEqual(['workflow/мой-файл@1', 'workflow/潮@1'])
  })

  it('are refused if two have one name, and hidden files are none', async () => {
    const cwd = emptyDirectory()
    mkdirSync(join(cwd, 'flows'))
    writeFileSync(join(cwd, 'flows/.settings.json'), '{}')
    for (const name of ['a b.json', 'a-b.json']) copyFileSync(fixture('search.json'), join(cwd, 'flows', name))
    const { code, err } = await cli(['run', fixture('search.json'), '--workflows', 'flows', ...run], { cwd })
    expect(code).toBe(2)
    expect(err).toContain(`${join('flows', 'a-b.json')} and ${join('flows', 'a b.json')} would both be called "a-b"`)
    rmSync(join(cwd, 'flows/a b.json'))
    expect(await cli(['run', fixture('search.json'), '--workflows', 'flows', ...run], { cwd })).toMatchObject({
      code: 0,
    })
  })
})

describe('advancer serve', () => {
  it('takes a module once, and refuses two orchestrations of one name', async () => {
    const cwd = emptyDirectory()
    const twice = [fixture('several.ts'), fixture('several.ts')]
    const refused = await cli(['serve', ...twice, '--store', 'nowhere'], { cwd })
    expect(refused.err).toContain('"nowhere" is no store')
    writeFileSync(join(cwd, 'other.ts'), `export { shout } from '${fixture('several.ts').replaceAll('\\', '/')}'`)
    const { code, err } = await cli(['serve', fixture('several.ts'), 'other.ts', '--store', 'nowhere'], { cwd })
    expect(code).toBe(2)
    expect(err).toContain('Two orchestrations are called "Shout", in ')
  })
})
