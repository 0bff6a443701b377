import { mkdirSync, statSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { type Listening, listen } from '../../src/serving/index.js'
import { launchBrowser, WatchedPage } from './monitor-browser.js'
import { Doors, launchAgents, launching, reporting } from './monitor-machines.js'
import { BuiltPage } from './monitor-page.js'
import { base } from './served.js'

let browser: Browser
let built: BuiltPage
let server: Listening

// What is in the pictures takes time to happen, so they are made only when they are asked for: RECORD_SCREENSHOTS=1
describe.runIf(process.env['RECORD_SCREENSHOTS'] === '1')('pictures of the monitor', () => {
  beforeAll(async () => {
    built = new BuiltPage()
    browser = await launchBrowser()
    const doors = new Doors()
    doors.openAll()
    const pace = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
    const agents = Object.fromEntries(
      Object.entries(launchAgents).map(([name, agent], index) => [
        name,
        async (input: unknown) => {
          await pace(200 + index * 60)
          return (agent as (given: unknown) => unknown)(input)
        },
      ]),
    )
    const handler = await built.handler({
      store: new MemoryJournalStore(),
      orchestrations: [reporting(doors, pace)],
      workflows: { agents },
    })
    server = await listen(handler, { port: 0 })
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close(200)
    built?.remove()
  })

  it.each(['light', 'dark'] as const)(
    'in %s are in the documents',
    async colorScheme => {
      const started = await fetch(`${server.url}${base}/orchestrations/Market%20report/execute`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ input: { topic: 'Solid-state batteries', depth: { sources: 3 } } }),
      })
      const { execution_id: id } = (await started.json()) as { execution_id: string }
      const watched = await WatchedPage.open(browser, { colorScheme, viewport: { width: 1280, height: 1560 } })
      const { page } = watched
      await page.goto(`${server.url}/monitor/#/runs/${id}`)
      await page.getByLabel('Comment').fill('Name the sources, please.')
      await page.getByRole('button', { name: 'Reject' }).click()
      await page.locator('.diagram [data-state=Write] .tally text').getByText('×2').waitFor()
      await page.getByRole('article').waitFor()
      await page.locator('.notice').waitFor({ state: 'detached', timeout: 10_000 })
      const events = page.getByRole('listbox', { name: 'Events' })
      if (colorScheme === 'light') await events.press('End')
      else {
        // One branch of three has come back, the others are at work.
        await page.getByRole('slider').fill('5')
        await page.locator('.diagram [data-state=Write][data-mark=untouched]').waitFor()
        await expect.poll(() => page.locator('.lanes tbody tr').count()).toBe(4)
        await page.getByText('as it was after entry 5').waitFor()
        await events.press('End')
      }
      await page.getByRole('heading', { level: 1 }).focus()
      await page.evaluate('scrollTo(0, 0)')
      mkdirSync('docs/images', { recursive: true })
      const path = `docs/images/monitor-${colorScheme}.png`
      await page.screenshot({ path, animations: 'disabled' })
      expect(statSync(path).size).toBeLessThan(200_000)
      expect(await watched.troubles()).toEqual([])
      await watched.close()
    },
    60_000,
  )

  it('of a workflow is in the documents', async () => {
    const post = async (path: string, body: unknown): Promise<Record<string, string>> => {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${server.url}${base}/${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      })
      return (await answer.json()) as Record<string, string>
    }
    const { id } = await post('workflows', launching)
    const input = { topic: 'Solid-state batteries', markets: ['FR', 'JP', 'BR'] }
    const { execution_id: run } = await post(`workflows/${id}/execute`, { input })
    const watched = await WatchedPage.open(browser, { viewport: { width: 1280, height: 1440 } })
    const { page } = watched
    await page.goto(`${server.url}/monitor/#/runs/${run}`)
    await page.locator('.diagram [data-state=review][data-mark=waiting]').waitFor()
    await page.getByRole('article').waitFor()
    await expect.poll(() => page.locator('.lanes tbody tr').count()).toBe(9)
    await page.getByText('waits for approval').waitFor()
    await page.getByRole('heading', { level: 1 }).focus()
    await page.evaluate('scrollTo(0, 0)')
    const path = 'docs/images/monitor-workflow.png'
    await page.screenshot({ path, animations: 'disabled' })
    expect(statSync(path).size).toBeLessThan(200_000)
    expect(await watched.troubles()).toEqual([])
    await watched.close()
  }, 60_000)
})
