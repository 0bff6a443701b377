import { expect, it } from 'vitest'
import { emptyDirectory, fixture } from './command-lines.js'
import { spawned } from './processes.js'

const run = ['run', fixture('article.ts'), '--input-text', 'tides', '--run-id', 'r1', '--wait']

it('as a process: the result on stdout, nothing else, and the exit code', async () => {
  const done = spawned(['run', 'several.ts', '--export', 'shout', '--input-text', 'hi', '--store', 'memory'])
  expect(await done.ended).toBe(0)
  expect(done.out()).toBe('HI\n')
  expect(done.err()).toContain('✓ Upper completed')
  const wrong = spawned(['run', 'wrong.json'])
  expect(await wrong.ended).toBe(3)
  expect(wrong.out()).toBe('')
})

it('as a process: SIGINT pauses the run and ends with 130; another process goes on with it', async () => {
  const cwd = emptyDirectory()
  const first = spawned(run, { cwd })
  await expect.poll(first.err).toContain('Review asks')
  first.child.kill('SIGINT')
  expect(await first.ended).toBe(130)
  expect(first.err()).toContain('advancer runs resume r1')
  const approved = spawned(['runs', 'approve', 'r1', '--resume', '--definition', fixture('article.ts')], { cwd })
  expect(await approved.ended).toBe(0)
  expect(approved.out()).toBe('Published: All about tides\n')
})

it('as a process: a run whose process was killed is resumed', async () => {
  const cwd = emptyDirectory()
  const first = spawned(run, { cwd })
  await expect.poll(first.err).toContain('Review asks')
  first.child.kill('SIGKILL')
  expect(await first.ended).toBe('SIGKILL')
  const resumed = spawned(['runs', 'approve', 'r1', '--resume', '-d', fixture('article.ts')], { cwd })
  expect(await resumed.ended).toBe(0)
  expect(resumed.out()).toBe('Published: All about tides\n')
})

it('as a process: a reader that has enough makes no failure', async () => {
  const help = spawned(['run', '--help'])
  help.child.stdout?.destroy()
  expect(await help.ended).toBe(0)
  expect(help.err()).toBe('')
  const cwd = emptyDirectory()
  const waiting = spawned([...run, '--json'], { cwd })
  await expect.poll(waiting.out).toContain('approval.requested')
  const following = spawned(['runs', 'events', 'r1', '--follow', '--json'], { cwd })
  await expect.poll(following.out).toContain('approval.requested')
  following.child.stdout?.destroy()
  const approved = spawned(['runs', 'approve', 'r1'], { cwd })
  expect(await approved.ended).toBe(0)
  expect(await following.ended).toBe(0)
  expect(following.err()).toBe('')
  expect(await waiting.ended).toBe(0)
  expect(JSON.parse(waiting.out().trim().split('\n').at(-1) as string)).toMatchObject({
    type: 'result',
    status: 'completed',
  })
})
