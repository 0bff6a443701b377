import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { type Listening, listen } from '../../src/serving/index.js'
import { launchBrowser, WatchedPage } from './monitor-browser.js'
import { talkative } from './monitor-machines.js'
import { BuiltPage } from './monitor-page.js'

const count = 10_000

let browser: Browser
let built: BuiltPage
let server: Listening
let watched: WatchedPage
let page: Page

beforeAll(async () => {
  built = new BuiltPage()
  browser = await launchBrowser()
  const handler = await built.handler({ store: new MemoryJournalStore(), orchestrations: [talkative()] })
  server = await listen(handler, { port: 0 })
  const run = await handler.server.host.start('Talkative', count)
  await run.result
  watched = await WatchedPage.open(browser)
  page = watched.page
  // The most that the page has drawn without letting anything else happen.
  await page.context().addInitScript(`
    window.mostAtOnce = 0
    new MutationObserver(changes => {
      mostAtOnce = Math.max(mostAtOnce, changes.reduce((sum, { addedNodes }) => sum + addedNodes.length, 0))
    }).observe(document, { childList: true, subtree: true })
  `)
  await page.goto(`${server.url}/monitor/#/runs/${run.id}`)
})

afterAll(async () => {
  await watched?.close()
  await browser?.close()
  await server?.close(200)
  built?.remove()
})

const list = () => page.getByRole('listbox', { name: 'Events' })

describe('10,000 events', () => {
  it('are all there, and only those in view are drawn, however many come at once', async () => {
    await expect.poll(() => page.locator('#events-title + p').textContent()).toBe('10,007 events')
    expect(await page.evaluate('mostAtOnce')).toBeLessThan(500)
    expect(await page.locator('.row').count()).toBeLessThan(60)
  })

  it('are gone through by keyboard, from one end to the other', async () => {
    await list().press('Home')
    expect(await page.locator('.event-details h3').textContent()).toBe('0 · orchestration.started')
    await list().press('End')
    expect(await page.locator('.event-details h3').textContent()).toBe('10006 · orchestration.completed')
    await list().press('PageUp')
    const active = page.locator('.row[aria-selected=true]')
    expect(await active.getAttribute('aria-setsize')).toBe('10007')
    expect(Number(await active.getAttribute('aria-posinset'))).toBeGreaterThan(9980)
  })

  it('are filtered by type, state and text', async () => {
    await page.getByLabel('Type').selectOption('custom')
    await expect.poll(() => page.locator('#events-title + p').textContent()).toBe('10,000 of 10,007 events')
    await page.getByLabel('Text').fill('"number":4321')
    await expect.poll(() => page.locator('#events-title + p').textContent()).toBe('1 of 10,007 events')
    await list().press('Home')
    expect(await page.getByRole('region', { name: 'data of the event' }).textContent()).toContain('"number": 4321')
    await page.getByLabel('Text').fill('')
    await page.getByLabel('Type').selectOption('')
    await page.getByLabel('State', { exact: true }).selectOption('Rest')
    await expect.poll(() => page.locator('.row').count()).toBe(3)
    await page.getByLabel('State', { exact: true }).selectOption('')
  })

  it('let the page travel in time', async () => {
    await page.getByRole('slider').press('ArrowLeft')
    await expect.poll(() => page.locator('#events-title + p').textContent()).not.toBe('10,007 events')
    await page.getByRole('slider').press('End')
    await expect.poll(() => page.locator('#events-title + p').textContent()).toBe('10,007 events')
    expect(await page.evaluate('mostAtOnce')).toBeLessThan(500)
    expect(await watched.troubles()).toEqual([])
  })
})
