import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/cli/commands/commands.js'
import { cli } from './command-lines.js'

describe('the command line', () => {
  it('says what it can do, for nothing at all with 2', async () => {
    const help = await cli(['--help'])
    expect(help).toMatchObject({ code: 0, err: '' })
    for (const { name } of commands) expect(help.out).toContain(`  ${name} `)
    const nothing = await cli([])
    expect(nothing).toMatchObject({ code: 2, out: '' })
    expect(nothing.err).toBe(help.out)
    expect((await cli(['help', 'runs'])).out).toContain('runs fork')
    expect(await cli(['runs'])).toMatchObject({ code: 2, out: '' })
  })

  it.each(commands.map(({ name }) => name))('has help with examples for %s', async name => {
    const { code, out } = await cli([...name.split(' '), '--help'])
    expect(code).toBe(0)
    expect(out).toContain(`Usage: advancer ${name}`)
    expect(out).toContain('Examples')
    expect(out.split('\n').filter(line => line.length > 100 && !line.startsWith('  ')).length).toBe(0)
    expect((await cli(['help', ...name.split(' ')])).out).toBe(out)
  })

  it.each([[['runs', '--help']], [['--help']]])('fits help into a narrow terminal: %j', async args => {
    const { out } = await cli(args, { answers: [], columns: 40 })
    const [, ...lines] = out.split('\n')
    expect(lines.filter(line => line.length > 40 && line.includes('  '))).toEqual([])
    expect(out).toMatch(/^ {2}(runs list|run)\n {4}\w/m)
  })

  it('says its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(await cli(['--version'])).toMatchObject({ code: 0, out: `${version}\n` })
  })

  it.each([
    [['rnu'], 'There is no command "rnu". Did you mean "run"'],
    [['runs', 'lst'], 'Did you mean "runs list"?'],
    [['run'], '"advancer run" needs <file>'],
    [['run', 'a.json', 'b.json'], 'does not take "b.json"'],
    [['run', 'a.json', '--inptu', '1'], 'Did you mean "--input"'],
    [['run', 'a.json', '-x'], 'has no option -x'],
    [['run', 'a.json', '--input'], '--input needs a value: --input <json>'],
    [['run', 'a.json', '--input', '--json'], 'If --json is its value, write --input=--json.'],
    [['run', 'a.json', '--json=1'], '--json is a switch'],
    [['run', 'a.json', '--store', 'memory', '--store', 'memory'], '--store was given twice'],
    [['run', 'searhc.json'], 'There is no file searhc.json. Did you mean "search.json"'],
    [['run', '.'], 'is a directory'],
    [['run', 'command-lines.txt'], 'There is no file'],
    [['completion', 'bush'], 'Did you mean "bash"?'],
    [['runs', 'list', '--status', 'faild'], 'Did you mean "failed"?'],
    [['runs', 'list', '--limit', '0'], 'a whole number from 1 on'],
    [['run', 'agents.ts', '--input-text', 'x'], 'agents.ts exports no orchestration, but agents, asked, searcher'],
  ])('refuses %j with 2 and the way out', async (args, message) => {
    const { code, out, err } = await cli(args)
    expect(err).toContain(message)
    expect({ code, out }).toEqual({ code: 2, out: '' })
  })
})
