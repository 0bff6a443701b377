import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { type Listening, listen } from '../../src/serving/index.js'
import { launchBrowser, WatchedPage } from './monitor-browser.js'
import { launchAgents, launching } from './monitor-machines.js'
import { BuiltPage } from './monitor-page.js'
import { base } from './served.js'

let browser: Browser
let built: BuiltPage
let server: Listening
let watched: WatchedPage
let id: string

async function post(path: string, body: unknown): Promise<Record<string, string>> {
  const headers = { 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  return (await (await fetch(`${server.url}${base}/${path}`, init)).json()) as Record<string, string>
}

beforeAll(async () => {
  built = new BuiltPage()
  browser = await launchBrowser()
  const handler = await built.handler({ store: new MemoryJournalStore(), workflows: { agents: launchAgents } })
  server = await listen(handler, { port: 0 })
  const { id: workflow } = await post('workflows', launching)
  id = (await post(`workflows/${workflow}/execute`, { input: { topic: 'bees', markets: ['FR', 'JP', 'BR'] } }))[
    'execution_id'
  ] as string
  watched = await WatchedPage.open(browser, { viewport: { width: 1280, height: 1700 } })
  await watched.page.goto(`${server.url}/monitor/#/runs/${id}`)
})

afterAll(async () => {
  await browser?.close()
  await server?.close(200)
  built?.remove()
})

async function marks(): Promise<Record<string, string>> {
  return (await watched.page.evaluate(`Object.fromEntries(
    [...document.querySelectorAll('.diagram [data-state]')].map(each => [each.dataset.state, each.dataset.mark]))`)) as Record<
    string,
    string
  >
}

async function counts(): Promise<Record<string, string>> {
  return (await watched.page.evaluate(`Object.fromEntries(
    [...document.querySelectorAll('.diagram [data-state]')].map(each => [each.dataset.state, each.querySelector(':scope > .tally text')?.textContent ?? '']))`)) as Record<
    string,
    string
  >
}

it('shows a workflow by its nodes: counts, what failed, waits and was skipped', async () => {
  const { page } = watched
  await expect.poll(marks).toEqual({
    search: 'visited',
    enough: 'visited',
    sources: 'visited',
    news: 'visited',
    papers: 'failed',
    markets: 'visited',
    translate: 'visited',
    check: 'visited',
    apologise: 'skipped',
    review: 'waiting',
    publish: 'untouched',
    archive: 'untouched',
  })
  expect(await counts()).toMatchObject({ translate: '×3', check: '×3', papers: '1 failed', search: '' })
  await page.getByText('Now at review').waitFor()
  await page.getByRole('article', { name: 'Publish for 3 markets?' }).waitFor()
  const lanes = page.getByRole('region', { name: 'Lanes of the nodes' }).getByRole('rowheader')
  await expect.poll(() => lanes.allTextContents()).toContain('translate')
  expect((await lanes.allTextContents()).join()).not.toMatch(/workflow|input/)
  const branches = page.getByRole('region', { name: 'Branches under way' })
  await expect.poll(() => branches.textContent()).toContain('review')
  expect(await branches.textContent()).not.toContain('workflow.')
  expect(await watched.violations()).toEqual([])
})

it('travels back to what its nodes were, whatever was left out in between', async () => {
  const { page } = watched
  const slider = page.getByRole('slider', { name: 'Time travel' })
  await slider.fill('1')
  await expect.poll(marks).toMatchObject({ search: 'untouched', review: 'untouched' })
  await slider.press('End')
  await expect.poll(marks).toMatchObject({ apologise: 'skipped', review: 'waiting' })
})

it('shows the states behind the nodes to those who ask for them', async () => {
  const { page } = watched
  await page.getByRole('link', { name: 'Show internals' }).click()
  await expect.poll(marks).toMatchObject({ 'workflow.begin': 'visited', 'review.input': 'visited' })
  await page.getByRole('region', { name: 'Lanes of the branches' }).waitFor()
  await page.getByRole('link', { name: 'Show nodes' }).click()
  await expect.poll(marks).toMatchObject({ search: 'visited', review: 'waiting' })
})

it('shows which way a rejection took', async () => {
  const { page } = watched
  await page.getByRole('button', { name: 'Reject', exact: true }).click()
  await expect.poll(marks).toMatchObject({ review: 'failed', archive: 'visited', publish: 'skipped' })
  const ways = page.locator('.diagram [data-from=review][data-to=archive][data-taken=true]')
  await expect.poll(() => ways.first().getAttribute('data-advancer')).toBe('on_reject')
  expect(await watched.troubles()).toEqual([])
})
