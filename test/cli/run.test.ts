import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { begin, cli, emptyDirectory, fixture, ownStore } from './command-lines.js'

const topic = ['--input', '{"topic":"tides"}']

describe('advancer run', () => {
  it('runs a JSON workflow with the agents of a module; the result goes to stdout, progress to stderr', async () => {
    const { code, out, err } = await cli(['run', 'search.json', '--agents', 'agents.ts', ...topic, ...ownStore()])
    expect(err).toMatch(/✓ search completed after [\d.]+ m?s\n1 state in /)
    expect(JSON.parse(out)).toEqual({ search: { found: 'about tides' }, output: { found: 'about tides' } })
    expect(code).toBe(0)
  })

  it('runs an orchestration in code, by its default export or the one that is named', async () => {
    expect(
      await cli(['run', 'several.ts', '--export', 'shout', '--input-text', 'hi', '--store', 'memory']),
    ).toMatchObject({
      code: 0,
      out: 'HI\n',
    })
    const missing = await cli(['run', 'several.ts', '--input-text', 'hi'])
    expect(missing).toMatchObject({ code: 2, out: '' })
    expect(missing.err).toContain('Say which with --export: shout, order.')
    const wrong = await cli(['run', 'several.ts', '--export', 'shuot'])
    expect(wrong.err).toContain('Did you mean "shout"?')
  })

  it('runs a plan and asks its agents', async () => {
    const { code, out } = await cli(['run', 'plan.json', '--agents', 'workers.ts', '--store', 'memory'])
    expect(code).toBe(0)
    expect(out).toContain('found tides')
  })

  it('runs a topology of agents with its task as a text', async () => {
    const run = ['run', 'team.json', '--agents', 'writers.ts', '--store', 'memory']
    const { code, out, err } = await cli([...run, '--input-text', 'Write about tides'])
    expect(err).toContain('✓ Editor completed')
    expect(JSON.parse(out)).toMatchObject({ response: 'An article.' })
    expect(code).toBe(0)
    expect((await cli(run)).err).toContain('A topology needs a task')
  })

  it('writes an event per line with --json, and the result last', async () => {
    const { code, json, err } = await cli([
      'run',
      'search.json',
      '--agents',
      'agents.ts',
      ...topic,
      '--json',
      '--store',
      'memory',
    ])
    expect(code).toBe(0)
    expect(err).toBe('')
    expect(json[0]).toMatchObject({ type: 'orchestration.started', seq: 0, input: { topic: 'tides' } })
    expect(json.slice(0, -1).map(({ seq }) => seq)).toEqual(json.slice(0, -1).map((_, index) => index))
    expect(json).toContainEqual(expect.objectContaining({ type: 'state.completed', state_name: 'search' }))
    expect(json.at(-1)).toMatchObject({
      type: 'result',
      status: 'completed',
      output: { output: { found: 'about tides' } },
    })
  })

  it('reads its input from a file and from standard input', async () => {
    const directory = emptyDirectory()
    writeFileSync(join(directory, 'input.json'), '{"topic":"rain"}')
    const run = ['run', fixture('search.json'), '--agents', fixture('agents.ts'), '--store', 'memory', '--input']
    expect((await cli([...run, '@input.json'], { cwd: directory })).out).toContain('about rain')
    expect((await cli([...run, '-'], { cwd: directory, input: '{"topic":"snow"}' })).out).toContain('about snow')
    // As editors of some systems write it.
    writeFileSync(join(directory, 'marked.json'), '\uFEFF{"topic":"hail"}')
    expect((await cli([...run, '@marked.json'], { cwd: directory })).out).toContain('about hail')
    expect(await cli([...run, '{topic}'])).toMatchObject({ code: 2 })
    expect((await cli([...run, '{topic}'])).err).toContain('For a file use --input @file, for a text --input-text.')
    expect((await cli([...run, '@nowhere.json'])).err).toContain('--input @nowhere.json cannot be read')
    expect((await cli([...run, '@'], { cwd: directory })).err).toContain('--input @ cannot be read')
    writeFileSync(join(directory, 'wrong.json'), '{\n"topic": tides}')
    const wrong = await cli([...run, '@wrong.json'], { cwd: directory })
    expect(wrong.err).toContain('wrong.json is no JSON: ')
    expect(wrong.err).toContain('(line 2, column 10)')
    const nothing = await cli([...run, '-'], { cwd: directory, input: '' })
    expect(nothing.err).toContain('What came on standard input for --input is no JSON')
    const typed = await cli([...run, '-'], { cwd: directory, answers: [] })
    expect(typed.err).toContain('Standard input is the terminal.')
    const both = await cli([...run, '1', '--input-text', 'x'])
    expect(both.err).toContain('Give --input or --input-text, not both.')
    for (const { code, out } of [wrong, nothing, typed, both]) expect({ code, out }).toEqual({ code: 2, out: '' })
  })

  it('ends with 1 when the run fails, and says where, why, and how to see more', async () => {
    const store = ownStore()
    const { code, out, err } = await cli(['run', 'article.ts', '--input-text', 'nothing', ...store])
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(err).toContain('Orchestration "Article" failed in state "Writing": There is nothing to write.')
    expect(err).toMatch(/advancer runs events [\w-]+ --store sqlite:/)
    expect(err).not.toContain('    at ')
    const debugged = await cli(['run', 'article.ts', '--input-text', 'nothing', '--store', 'memory', '--debug'])
    expect(debugged.err).toContain('    at ')
  })

  it('refuses an input that is not what is declared, with 2 and before there is a run', async () => {
    const store = ownStore()
    const { code, err } = await cli(['run', 'article.ts', '--input', '5', ...store])
    expect(code).toBe(2)
    expect(err).toContain('expected a string (got number)')
    expect(JSON.parse((await cli(['runs', 'list', '--json', ...store])).out).runs).toEqual([])
    const lacking = await cli(['run', 'search.json', '--agents', 'agents.ts', '--input', '{}', '--store', 'memory'])
    expect(lacking).toMatchObject({ code: 2 })
    expect(lacking.err).toContain('topic')
  })

  it('refuses a wrong definition with 3, with everything that is wrong and its place', async () => {
    const { code, err } = await cli(['run', 'wrong.json'])
    expect(code).toBe(3)
    expect(err).toContain('wrong.json: Workflow "Wrong" has')
    expect(err).toContain('nodes[0].type')
    expect(err).toContain('agent_call')
    expect(await cli(['run', 'broken.ts', '--input-text', 'x', '--store', 'memory'])).toMatchObject({ code: 3 })
    const lacking = await cli(['run', 'search.json', ...topic, '--store', 'memory'])
    expect(lacking).toMatchObject({ code: 3 })
    expect(lacking.err).toContain('There is no agent "searcher"')
  })

  it('takes a limit of cost for workflows only', async () => {
    const wrong = await cli(['run', 'article.ts', '--input-text', 'x', '--max-budget', '1', '--store', 'memory'])
    expect(wrong).toMatchObject({ code: 2 })
    const bad = await cli(['run', 'search.json', '--max-budget', 'much', '--store', 'memory'])
    expect(bad.err).toContain('--max-budget must be an amount of at least 0, but is "much"')
    const good = ['run', 'search.json', '--agents', 'agents.ts', ...topic, '--max-budget', '1', '--store', 'memory']
    expect(await cli(good)).toMatchObject({ code: 0 })
  })
})

describe('a run that waits for somebody', () => {
  it('is paused where nobody can be asked, ends with 4, and says how it is answered', async () => {
    const { code, out, err } = await cli([
      'run',
      'article.ts',
      '--input-text',
      'tides',
      '--run-id',
      'r1',
      ...ownStore(),
    ])
    expect(code).toBe(4)
    expect(out).toBe('')
    expect(err).toContain('? Review: Publish "All about tides"?')
    expect(err).toContain('advancer runs approve r1 --store sqlite:')
    expect(err).toContain('advancer runs resume r1 --store sqlite:')
  })

  it('is asked at the terminal', async () => {
    const run = ['run', 'article.ts', '--input-text', 'tides', '--store', 'memory']
    const yes = await cli(run, { answers: ['perhaps', 'y', ''] })
    expect(yes).toMatchObject({ code: 0, out: 'Published: All about tides\n' })
    expect(yes.questions).toEqual([
      'Approve? [y]es, [n]o, [l]ater:',
      'Approve? [y]es, [n]o, [l]ater:',
      'Comment (Enter for none):',
    ])
    expect(yes.err).toContain('Type y, n or l.')
    expect(yes.err).toContain('"text": "All about tides"')
    expect(await cli(run, { answers: ['n', 'too short'] })).toMatchObject({
      code: 0,
      out: 'Shelved: All about tides\n',
    })
  })

  it('can be put off at the terminal, and is not asked in CI', async () => {
    const run = ['run', 'article.ts', '--input-text', 'tides', ...ownStore()]
    expect(await cli(run, { answers: ['l'] })).toMatchObject({ code: 4 })
    expect(await cli(run, { answers: ['y'], env: { CI: '1' } })).toMatchObject({ code: 4, questions: [] })
  })

  it('gets messages typed at the terminal, once more if one is no JSON', async () => {
    const { code, out, err } = await cli(
      ['run', 'several.ts', '--export', 'order', '--input-text', 'x', '--store', 'memory'],
      {
        answers: ['{', '{"amount":5}'],
      },
    )
    expect(err).toMatch(/JSON/)
    expect(JSON.parse(out)).toEqual({ amount: 5 })
    expect(code).toBe(0)
  })

  it('is cancelled if it is kept nowhere and nobody can answer', async () => {
    const { code, err } = await cli(['run', 'article.ts', '--input-text', 'tides', '--store', 'memory'])
    expect(code).toBe(4)
    expect(err).toContain('the run is kept nowhere, so it was cancelled')
    const { json } = await cli(['run', 'article.ts', '--input-text', 'tides', '--store', 'memory', '--json'])
    expect(json.at(-1)).toMatchObject({ status: 'cancelled', requests: [{ kind: 'approval', state_name: 'Review' }] })
  })

  it('goes on with --wait when it is answered from elsewhere', async () => {
    const store = ownStore()
    const waiting = begin(['run', 'article.ts', '--input-text', 'tides', '--run-id', 'r1', '--wait', ...store])
    await expect.poll(waiting.text).toContain('Review asks')
    expect(await cli(['runs', 'approve', 'r1', ...store])).toMatchObject({ code: 0 })
    expect(await waiting.done).toMatchObject({ code: 0, out: 'Published: All about tides\n' })
  })
})

describe('a signal', () => {
  const args = ['run', 'article.ts', '--input-text', 'tides', '--run-id', 'r1', '--wait']

  it('pauses a run that is kept, and says how it goes on', async () => {
    const store = ownStore()
    const run = begin([...args, ...store])
    await expect.poll(run.text).toContain('Review asks')
    run.signal('SIGINT')
    const { code, err } = await run.done
    expect(code).toBe(130)
    expect(err).toContain('Once more to end at once.')
    expect(err).toContain('advancer runs resume r1 --store sqlite:')
    const { json } = await cli(['runs', 'show', 'r1', '--json', ...store]).then(done => ({
      json: JSON.parse(done.out),
    }))
    expect(json.status).toBe('paused')
  })

  it('cancels a run that is in memory', async () => {
    const run = begin([...args, '--store', 'memory'])
    await expect.poll(run.text).toContain('Review asks')
    run.signal('SIGTERM')
    expect(await run.done).toMatchObject({ code: 143 })
  })

  it('withdraws a question, and ends at once the second time', async () => {
    const run = begin(['run', 'article.ts', '--input-text', 'tides', ...ownStore()], { answers: [] })
    await expect.poll(run.text).toContain('Publish "All about tides"?')
    run.signal('SIGINT')
    run.signal('SIGINT')
    expect(run.exits).toEqual([130])
    expect(await run.done).toMatchObject({ code: 130 })
  })
})
