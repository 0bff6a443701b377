import { expect, it } from 'vitest'
import { Standstill } from '../../src/cli/runs/standstill.js'
import type { OpenRequest } from '../../src/core/index.js'
import { Journal, MemoryJournalStore } from '../../src/durability/index.js'
import { Article } from './fixtures/article.js'

it('a run does not stand still while an answer is on its way to it, however long that takes', async () => {
  const store = new MemoryJournalStore()
  const article = new Article()
  const journal = new Journal(article, { store })
  const before = store.reopen()
  const first = article.start('tides', { store: before, runId: 'r1' })
  first.result.catch(() => undefined)
  await new Promise<void>(resolve => void first.on('state.waiting', () => resolve()))
  await first.pause()
  await before.close()
  await journal.approve('r1', 'Review')

  // The answers come to the run when the test says so.
  const slow = store.reopen()
  let letCome = (): void => undefined
  const opened = new Promise<void>(resolve => {
    letCome = resolve
  })
  slow.answers = runId => opened.then(() => store.answers(runId))
  let looks = 0
  const watched = store.reopen()
  watched.answers = runId => {
    looks++
    return store.answers(runId)
  }
  const run = await article.resume('r1', { store: slow })
  const told: (readonly OpenRequest[])[] = []
  const standstill = new Standstill(run, journal as Journal<unknown, unknown>, watched, requests => told.push(requests))
  await expect.poll(() => run.requests.length).toBe(1)
  standstill.look()
  await expect.poll(() => looks + told.length).toBeGreaterThan(1)
  expect(told).toEqual([])
  letCome()
  expect(await run.result).toBe('Published: All about tides')
  standstill.stop()
})
