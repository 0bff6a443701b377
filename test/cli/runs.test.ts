import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cli, emptyDirectory, fixture, fixtures, ownStore } from './command-lines.js'

/** A run of `article.ts` that is paused at its approval. */
async function waiting(store: readonly string[], runId = 'r1'): Promise<void> {
  expect(await cli(['run', 'article.ts', '--input-text', 'tides', '--run-id', runId, ...store])).toMatchObject({
    code: 4,
  })
}

const parsed = async (args: readonly string[]) => JSON.parse((await cli([...args, '--json'])).out)

describe('advancer runs', () => {
  it('lists runs as a table for people and as JSON for programs', async () => {
    const store = ownStore()
    await waiting(store)
    await cli(['run', 'article.ts', '--input-text', 'nothing', '--run-id', 'r2', ...store])
    const { out, code } = await cli(['runs', 'list', ...store])
    expect(code).toBe(0)
    expect(out).toMatch(/^RUN +ORCHESTRATION +STATUS +AT +STARTED +CHANGED\n/)
    expect(out).toMatch(/r1 +Article +waiting +Review +\d+ (s|min) ago/)
    expect(out).toMatch(/r2 +Article +failed/)
    const { runs } = await parsed(['runs', 'list', '--waiting', ...store])
    expect(runs).toMatchObject([{ run_id: 'r1', status: 'paused', waiting: true, states: ['Review'] }])
    expect((await parsed(['runs', 'list', '--status', 'failed', ...store])).runs).toMatchObject([{ run_id: 'r2' }])
    expect((await parsed(['runs', 'list', '--limit', '1', ...store])).has_more).toBe(true)
  })

  it('shows a run, as it is and as it was', async () => {
    const store = ownStore()
    await waiting(store)
    const { out } = await cli(['runs', 'show', 'r1', ...store])
    expect(out).toContain('Article r1')
    expect(out).toContain('Review: Publish "All about tides"?')
    const now = await parsed(['runs', 'show', 'r1', ...store])
    expect(now).toMatchObject({
      run_id: 'r1',
      status: 'paused',
      input: 'tides',
      branches: [{ state_name: 'Review', phase: 'waiting', input: { text: 'All about tides' } }],
      outputs: { Writing: { text: 'All about tides' } },
      requests: [{ kind: 'approval', subject: { text: 'All about tides' } }],
    })
    const before = await parsed(['runs', 'show', 'r1', '--at', '1', ...store])
    expect(before).toMatchObject({ seq: 1, outputs: {}, requests: [] })
  })

  it('shows the events of a run, also from one on', async () => {
    const store = ownStore()
    await waiting(store)
    const { out } = await cli(['runs', 'events', 'r1', ...store])
    expect(out).toMatch(/ {3}0 {2}0 ms +orchestration\.started +started with "tides"/)
    expect(out).toMatch(/approval\.requested +Review: asks: Publish/)
    const narrow = await cli(['runs', 'events', 'r1', ...store], { answers: [], columns: 40 })
    expect(narrow.out).toMatch(/approval\.requested +Review: asks: Publish/)
    const { json } = await cli(['runs', 'events', 'r1', '--from', '2', '--json', ...store])
    expect(json[0]).toMatchObject({ seq: 2, run_id: 'r1' })
    expect(json.map(({ seq }) => seq)).toEqual(json.map((_, index) => index + 2))
  })

  it('answers and goes on with a run by the definition that it was started with', async () => {
    const store = ownStore()
    await waiting(store)
    const approved = await cli(['runs', 'approve', 'r1', '--comment', 'Good.', '--by', 'Ada', ...store])
    expect(approved).toMatchObject({ code: 0, out: '' })
    expect(approved.err).toContain('Review of run r1: approved.')
    expect(await cli(['runs', 'resume', 'r1', ...store])).toMatchObject({
      code: 0,
      out: 'Published: All about tides\n',
    })
    const { json } = await cli(['runs', 'events', 'r1', '--json', ...store])
    expect(json).toContainEqual(expect.objectContaining({ type: 'approval.answered', by: 'Ada', comment: 'Good.' }))
    expect(await cli(['runs', 'resume', 'r1', ...store])).toMatchObject({
      code: 0,
      out: 'Published: All about tides\n',
    })
  })

  it('rejects and goes on in one command', async () => {
    const store = ownStore()
    await waiting(store)
    const { code, out } = await cli(['runs', 'reject', 'r1', 'Review', '--resume', ...store])
    expect({ code, out }).toEqual({ code: 0, out: 'Shelved: All about tides\n' })
  })

  it('finds the agents of a workflow again', async () => {
    const store = ownStore()
    const run = [
      'run',
      'research.json',
      '--agents',
      'agents.ts',
      '--input',
      '{"topic":"tides"}',
      '--run-id',
      'w1',
      ...store,
    ]
    expect(await cli(run)).toMatchObject({ code: 4 })
    const { code, out } = await cli(['runs', 'approve', 'w1', '--resume', ...store])
    expect(JSON.parse(out)).toMatchObject({ output: 'An article about tides.' })
    expect(code).toBe(0)
  })

  it('says how a definition is given that is not found, and loads none from outside of the directory', async () => {
    const store = ownStore()
    const elsewhere = { cwd: '/' }
    await waiting(store)
    const lost = await cli(['runs', 'resume', 'r1', ...store], elsewhere)
    expect(lost.code).toBe(2)
    const outside = ['run', fixture('article.ts'), '--input-text', 'tides', '--run-id', 'r2', ...store]
    await cli(outside, { cwd: `${fixtures}/..` })
    expect((await parsed(['runs', 'show', 'r2', ...store])).tags).toEqual({ source: 'fixtures/article.ts' })
    await cli([...outside.slice(0, 5), 'r3', ...store], { cwd: emptyDirectory() })
    expect((await parsed(['runs', 'show', 'r3', ...store])).tags).toEqual({})
    const unknown = await cli(['runs', 'resume', 'r3', ...store])
    expect(unknown).toMatchObject({ code: 2 })
    expect(unknown.err).toContain('--definition <file>')
  })

  it('sends messages, which have to be what is declared', async () => {
    const store = ownStore()
    const run = ['run', 'several.ts', '--export', 'order', '--input-text', 'x', '--run-id', 'o1', ...store]
    const { err } = await cli(run)
    expect(err).toContain("advancer runs signal o1 --payload '<json>'")
    expect(await cli(['runs', 'approve', 'o1', ...store])).toMatchObject({ code: 2 })
    expect((await cli(['runs', 'signal', 'o1', ...store])).err).toContain('--payload <json>')
    const sent = await cli(['runs', 'signal', 'o1', '--payload', '{"amount":7}', '--resume', ...store])
    expect(JSON.parse(sent.out)).toEqual({ amount: 7 })
  })

  it('cancels for good', async () => {
    const store = ownStore()
    await waiting(store)
    expect(await cli(['runs', 'cancel', 'r1', '--reason', 'enough', ...store])).toMatchObject({
      code: 0,
      out: 'Run r1 is cancelled.\n',
    })
    expect(await cli(['runs', 'cancel', 'r1', ...store])).toMatchObject({ code: 2 })
    const { json } = await cli(['runs', 'events', 'r1', '--json', ...store])
    expect(json.at(-1)).toMatchObject({ type: 'orchestration.cancelled', reason: 'enough' })
  })

  it('forks a run with edits, and shows where the two differ', async () => {
    const store = ownStore()
    await waiting(store)
    const edits = '{"inputs":{"Review":{"text":"Other"}}}'
    const fork = await cli(['runs', 'fork', 'r1', '--edits', edits, '--run-id', 'r2', ...store])
    expect(fork).toMatchObject({ code: 0, out: 'r2\n' })
    expect(await cli(['runs', 'approve', 'r2', '--resume', ...store])).toMatchObject({ out: 'Published: Other\n' })
    const { code, out } = await cli(['runs', 'diff', 'r1', 'r2', ...store])
    expect(code).toBe(1)
    expect(out).toContain('The second run was edited')
    expect(await cli(['runs', 'diff', 'r1', 'r1', ...store])).toMatchObject({ code: 0 })
    const wrong = await cli(['runs', 'fork', 'r1', '--edits', '{"inputs":{"Review":{"text":5}}}', ...store])
    expect(wrong).toMatchObject({ code: 2 })
    expect(wrong.err).toContain('text must be a string')
  })

  it('ends as diff does where runs cannot be compared: with 2, so that 1 says that they differ', async () => {
    const directory = emptyDirectory()
    const store = ['--store', `sqlite:${directory}`]
    await waiting(store)
    const other = ['run', 'several.ts', '--export', 'shout', '--input-text', 'hi', '--run-id', 's1', ...store]
    expect(await cli(other)).toMatchObject({ code: 0 })
    const { code, err, out } = await cli(['runs', 'diff', 'r1', 's1', ...store])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('Run "s1" is one of orchestration "Shout", not of "Article".')
    expect(await cli(['runs', 'diff', 'r1', 'r9', ...store])).toMatchObject({ code: 2 })
    writeFileSync(join(directory, 'advancer.db'), 'no database, but long enough to be taken for one')
    expect(await cli(['runs', 'list', ...store])).toMatchObject({ code: 1 })
    expect(await cli(['runs', 'diff', 'r1', 's1', ...store])).toMatchObject({ code: 2 })
  })

  it('names what is not there, and what comes near', async () => {
    const store = ownStore()
    const none = await cli(['runs', 'list', ...store])
    expect(none).toMatchObject({ code: 2 })
    expect(none.err).toContain('There is no store at')
    await waiting(store)
    expect(await cli(['runs', 'show', 'r9', ...store])).toMatchObject({ code: 2 })
    const request = await cli(['runs', 'approve', 'r1', 'Reveiw', ...store])
    expect(request.err).toContain('Did you mean "Review"?')
    expect(request.code).toBe(2)
    expect((await cli(['runs', 'list', '--store', 'here'])).err).toContain('Did you mean sqlite:here?')
    expect((await cli(['runs', 'list', '--store', 'postgres://me:secret@localhost:1/db'])).err).not.toContain('secret')
  })
})
