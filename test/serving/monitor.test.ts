import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { type Listening, listen, type ServingOptions } from '../../src/serving/index.js'
import { parallelResearch, scriptedAgents } from '../workflow/service-machines.js'
import { launchBrowser, WatchedPage } from './monitor-browser.js'
import { Doors, failing, harmfulName, nested, reporting, talkative } from './monitor-machines.js'
import { BuiltPage } from './monitor-page.js'
import { base } from './served.js'

let browser: Browser
let built: BuiltPage
let doors: Doors
let server: Listening
let watched: WatchedPage

beforeAll(async () => {
  built = new BuiltPage()
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  built?.remove()
})

async function serve(options: Partial<ServingOptions> = {}): Promise<void> {
  doors = new Doors()
  const about = { orchestration: reporting(doors), description: 'Researches a topic and writes a report about it.' }
  const orchestrations = [about, talkative(), failing(), nested()]
  const handler = await built.handler({ store: new MemoryJournalStore(), orchestrations, ...options })
  server = await listen(handler, { port: 0 })
}

async function started(name: string, input: unknown): Promise<string> {
  const response = await fetch(`${server.url}${base}/orchestrations/${encodeURIComponent(name)}/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input }),
  })
  const { execution_id: id } = (await response.json()) as { execution_id: string }
  return id
}

const request = { topic: 'Batteries', depth: { sources: 3 } }

beforeEach(() => serve())

afterEach(async () => {
  doors.openAll()
  await watched?.close()
  await server.close(200)
})

async function open(path: string, options: Parameters<typeof WatchedPage.open>[1] = {}): Promise<void> {
  watched = await WatchedPage.open(browser, options)
  await watched.page.goto(`${server.url}/monitor/#/${path}`)
}

/** The marks of the states of the diagram, by name. */
async function marks(): Promise<Record<string, string>> {
  return (await watched.page.evaluate(`Object.fromEntries(
    [...document.querySelectorAll('.diagram [data-state]')].map(each => [each.dataset.state, each.dataset.mark]))`)) as Record<
    string,
    string
  >
}

describe('the monitor (S1-61, S1-64)', () => {
  it('starts a run, lights up its states, is answered, and shows how it ended', async () => {
    await open('start')
    const { page } = watched
    await page.getByRole('button', { name: 'Insert an example' }).click()
    expect(await page.getByLabel('Input, as JSON').inputValue()).toContain('"sources": 1')
    await page.getByLabel('Input, as JSON').fill(JSON.stringify(request))
    await page.getByRole('button', { name: 'Start the run' }).click()
    await page.getByRole('heading', { name: 'Market report', level: 1 }).waitFor()
    await expect.poll(marks).toMatchObject({ Plan: 'active', Research: 'untouched', Publish: 'untouched' })
    doors.open('Plan')
    await expect.poll(marks).toMatchObject({ Plan: 'visited', Research: 'active' })
    await page.getByText('Now at Research').waitFor()
    doors.open('Research')
    await expect.poll(marks).toMatchObject({ Research: 'visited', Gather: 'visited', Write: 'active' })
    expect(await page.locator('.diagram [data-state=Research] .tally text').textContent()).toBe('×3')
    doors.open('Write')
    await expect.poll(marks).toMatchObject({ Review: 'waiting' })
    await page.getByRole('article', { name: 'Publish this report?' }).getByLabel('Comment').fill('Shorter, please')
    await page.getByRole('button', { name: 'Reject' }).click()
    await page.getByText('Review: rejected.').waitFor()
    await expect.poll(() => page.locator('.diagram [data-state=Write] .tally text').textContent()).toBe('×2')
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    await expect.poll(marks).toMatchObject({ Publish: 'visited', Review: 'visited' })
    await expect.poll(() => page.locator('.view-head .badge').textContent()).toBe('Completed')
    await page.getByText('approval.answered').last().waitFor()
    await expect
      .poll(() => page.getByRole('region', { name: 'Output of the run' }).textContent())
      .toContain('published: ')
    expect(await watched.troubles()).toEqual([])
  })

  it('travels back: diagram, branches, properties and events are as they were', async () => {
    doors.open('Plan', 'Research')
    const id = await started('Market report', request)
    await open(`runs/${id}`)
    const { page } = watched
    await expect.poll(marks).toMatchObject({ Write: 'active' })
    const slider = page.getByRole('slider', { name: 'Time travel' })
    await slider.fill('1')
    await expect.poll(marks).toMatchObject({ Plan: 'active', Research: 'untouched', Write: 'untouched' })
    const branches = page.getByRole('region', { name: 'Branches under way' })
    await expect.poll(() => branches.textContent()).toContain('0:0Plan')
    expect(await page.getByRole('region', { name: 'Properties', exact: true }).count()).toBe(0)
    expect(await page.getByRole('listbox', { name: 'Events' }).textContent()).not.toContain('Research')
    await slider.press('ArrowRight')
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^Entry 2 of \d+, \d\d:\d\d:\d\d$/)
    await slider.press('End')
    await expect.poll(marks).toMatchObject({ Research: 'visited', Write: 'active' })
    await expect
      .poll(() => page.getByRole('region', { name: 'Properties', exact: true }).textContent())
      .toContain('"engineers"')
    expect(await watched.troubles()).toEqual([])
  })

  it('forks from a place in the past, with other properties', async () => {
    doors.openAll()
    const id = await started('Market report', request)
    await open(`runs/${id}`)
    const { page } = watched
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    await expect.poll(() => page.locator('.view-head .badge').textContent()).toBe('Completed')
    const slider = page.getByRole('slider', { name: 'Time travel' })
    for (
      let entry = Number(await slider.inputValue());
      !(await marks())['Write']?.startsWith('active') && entry > 1;
      entry--
    ) {
      await slider.fill(String(entry))
      await expect.poll(() => slider.getAttribute('aria-valuetext')).toContain(`Entry ${entry} of`)
      await page.waitForLoadState('networkidle')
    }
    await page.getByRole('button', { name: 'Fork from here' }).click()
    const dialog = page.getByRole('dialog')
    const properties = dialog.getByLabel('Properties of the run, as JSON')
    await properties.fill('{"audience":')
    await dialog.getByRole('button', { name: 'Fork' }).click()
    await dialog.getByText('The properties are not JSON').waitFor()
    await properties.fill('{"audience": "children", "sources": 3}')
    await dialog.getByRole('button', { name: 'Fork' }).click()
    await page.getByRole('link', { name: /^entry \d+ of / }).waitFor()
    expect(page.url()).not.toContain(id)
    await page.getByRole('group', { name: 'What it is about' }).getByText('A report for children').waitFor()
    expect(await watched.troubles()).toEqual([])
  })

  it('lists runs as they change, filtered, with their addresses', async () => {
    doors.open('Plan')
    await started('Failing', 'x')
    const id = await started('Market report', request)
    await open('runs')
    const { page } = watched
    const rows = page.locator('.runs tbody tr')
    await expect.poll(() => rows.count()).toBe(2)
    await expect.poll(() => rows.first().textContent()).toContain('Research')
    doors.openAll()
    await expect.poll(() => rows.first().textContent()).toContain('Paused')
    await page.getByLabel('Status').selectOption('failed')
    await expect.poll(() => rows.count()).toBe(1)
    expect(await rows.first().textContent()).toContain('Failing')
    expect(page.url()).toContain('status=failed')
    await page.getByLabel('Status').selectOption('')
    await page.getByLabel('Orchestration or workflow').selectOption('Market report')
    await expect.poll(() => rows.allTextContents()).toEqual([expect.stringContaining(id)])
    await page.getByLabel('Text', { exact: true }).fill('no such thing')
    await page.getByText('No run matches the filters').waitFor()
    await page.reload()
    expect(await page.getByLabel('Text', { exact: true }).inputValue()).toBe('no such thing')
    expect(await watched.troubles()).toEqual([])
  })

  it('lists what waits for people, of all runs, and answers it there', async () => {
    doors.openAll()
    await started('Market report', request)
    await started('Market report', { ...request, topic: 'Heat pumps' })
    await open('approvals')
    const { page } = watched
    const cards = page.getByRole('article', { name: 'Publish this report?' })
    await expect.poll(() => cards.count()).toBe(2)
    await expect.poll(() => page.locator('.nav .count').textContent()).toBe('2')
    await cards.first().getByLabel('Comment').fill('kept while the list is refreshed')
    await cards.nth(1).getByRole('button', { name: 'Approve', exact: true }).click()
    await expect.poll(() => cards.count()).toBe(1)
    expect(await cards.getByLabel('Comment').inputValue()).toBe('kept while the list is refreshed')
    expect(await watched.troubles()).toEqual([])
  })

  it('pauses, resumes and cancels, and the focus is on what can be done next', async () => {
    const id = await started('Market report', request)
    await open(`runs/${id}`)
    const { page } = watched
    const badge = page.locator('.view-head .badge')
    const sent = page.waitForRequest(/\/pause$/)
    await page.getByRole('button', { name: 'Pause' }).click()
    await sent
    // When this is answered, the server has heard of that.
    await fetch(`${server.url}${base}/executions/${id}`)
    doors.open('Plan')
    await expect.poll(() => badge.textContent()).toBe('Paused')
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Resume')
    await page.getByRole('button', { name: 'Resume' }).click()
    await expect.poll(() => badge.textContent()).toBe('Running')
    await expect.poll(marks).toMatchObject({ Research: 'active' })
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Cancel the run' }).click()
    await expect.poll(() => badge.textContent()).toBe('Cancelled')
    await expect.poll(marks).toMatchObject({ Plan: 'visited', Research: 'skipped' })
    expect(await watched.troubles()).toEqual([])
  })

  it('shows where a run has failed, and names that look like HTML as they are', async () => {
    const id = await started('Failing', 'x')
    await open(`runs/${id}`)
    const { page } = watched
    const banner = page.locator('.banner-failed')
    await expect.poll(() => banner.textContent()).toContain('Failed in Break. The disk is full & <b>bold</b>')
    await expect.poll(marks).toEqual({ [harmfulName]: 'visited', Break: 'failed' })
    await banner.getByRole('button', { name: 'Show the events of Break' }).click()
    await expect.poll(() => page.locator('.row').count()).toBe(4)
    expect(await page.title()).toBe('Failing – Monitor')
    expect(await page.evaluate('document.images.length + document.querySelectorAll("main b").length')).toBe(0)
    expect(await watched.troubles()).toEqual([])
  })

  it('shows runs inside of runs, and sends them the messages that they wait for', async () => {
    const id = await started('Nested', 'x')
    await open(`runs/${id}`)
    const { page } = watched
    await expect.poll(marks).toEqual({ Begin: 'visited', Conversation: 'active', Ask: 'visited', Hear: 'waiting' })
    await page.getByLabel('Message, as JSON').fill('forty-two')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('This is not JSON').waitFor()
    await page.getByLabel('Message, as JSON').fill('42')
    await page.getByRole('button', { name: 'Send' }).click()
    await expect.poll(marks).toEqual({ Begin: 'visited', Conversation: 'visited', Ask: 'visited', Hear: 'visited' })
    expect(await watched.troubles()).toEqual([])
  })

  it('shows what is wrong with an input at its place in it', async () => {
    await open('start', { expected: [422] })
    const { page } = watched
    const input = page.getByLabel('Input, as JSON')
    await input.fill('{\n  "topic": "Batteries",\n  "depth": {\n    "sources": "many"\n  }\n}')
    await page.getByRole('button', { name: 'Start the run' }).click()
    await page.getByRole('button', { name: 'depth.sources, line 4' }).first().click()
    const chosen = (await page.evaluate(
      'document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)',
    )) as string
    expect(chosen).toBe('"many"')
    await input.fill('{')
    await page.getByRole('button', { name: 'Start the run' }).click()
    await page.getByText('This is not JSON').waitFor()
    expect(await watched.troubles()).toEqual([])
  })

  it('asks for a token where the server wants one, and keeps it for the tab only', async () => {
    await server.close(200)
    await serve({ auth: { tokens: [{ token: 'a-token-of-some-length', name: 'Ada' }] } })
    await open('runs', { expected: [401] })
    const { page } = watched
    const token = page.getByLabel('Access token')
    await token.fill('a-token-that-is-wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('The server does not know this token').waitFor()
    await token.fill('a-token-of-some-length')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('There are no runs yet').waitFor()
    await page.getByRole('link', { name: 'Start a run' }).first().click()
    await page.getByRole('heading', { name: 'Start a run' }).waitFor()
    await page.getByLabel('Orchestration or workflow').selectOption('Nested')
    await page.getByRole('button', { name: 'Start the run' }).click()
    await expect.poll(marks).toMatchObject({ Hear: 'waiting' })
    await page.getByText('Live', { exact: true }).waitFor()
    expect(await page.evaluate('localStorage.length')).toBe(0)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await token.waitFor()
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
    expect(await watched.troubles()).toEqual([])
  })

  it('starts workflows, too, and calls their runs by their names', async () => {
    await server.close(200)
    const { agents } = scriptedAgents({ 'web-search': 0.1, 'academic-search': 0.2, summarizer: 0.3 })
    await serve({ workflows: { agents } })
    await fetch(`${server.url}${base}/workflows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(parallelResearch),
    })
    await open('start')
    const { page } = watched
    await page.getByLabel('Orchestration or workflow').selectOption('Parallel Research (workflow)')
    await page.getByLabel('Input, as JSON').fill('{"topic": "quantum computing"}')
    await page.getByRole('button', { name: 'Start the run' }).click()
    await page.getByRole('heading', { name: 'Parallel Research', level: 1 }).waitFor()
    await expect
      .poll(marks)
      .toMatchObject({ web: 'visited', academic: 'visited', merge: 'visited', approve: 'waiting' })
    await expect.poll(() => page.getByRole('region', { name: 'Nodes', exact: true }).textContent()).toContain('$0.30')
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    await expect.poll(() => page.locator('.view-head .badge').textContent()).toBe('Completed')
    await page.getByRole('link', { name: 'Runs' }).first().click()
    await page.getByRole('heading', { name: 'Runs' }).waitFor()
    await page.getByLabel('Orchestration or workflow').selectOption('Parallel Research')
    await page.getByRole('link', { name: 'Parallel Research' }).waitFor()
    expect(await watched.troubles()).toEqual([])
  })

  it('has room for questions and lists of states of any length, and tells nothing of a run that was left', async () => {
    await server.close()
    await serve({ workflows: { agents: {} } })
    const send = async (path: string, body: unknown): Promise<Record<string, string>> => {
      const headers = { 'content-type': 'application/json' }
      const init = { method: 'POST', headers, body: JSON.stringify(body) }
      return (await (await fetch(`${server.url}${base}/${path}`, init)).json()) as Record<string, string>
    }
    const node = { type: 'human_approval', config: { message: '{{input.text}}' } }
    const nodes = Array.from({ length: 8 }, (_, index) => ({ id: `ask_${index}`, ...node }))
    const { id } = await send('workflows', { name: 'Asking', nodes })
    const input = { text: `Publish ${'very '.repeat(10_000)}much?` }
    const { execution_id: runId } = await send(`workflows/${id}/execute`, { input })
    await open('', { expected: [404] })
    const { page } = watched
    await page.getByText('ask_0, ask_1, ask_2, ask_3, ask_4, ask_5 and 2 more').waitFor()
    await page.getByRole('link', { name: 'Asking' }).click()
    const card = page.locator('.request').first()
    await card.getByRole('group', { name: 'The whole of what is asked' }).getByText('much?').waitFor()
    expect((await card.boundingBox())?.height).toBeLessThan(800)
    await expect.poll(() => page.locator('#announcer').textContent()).toMatch(/8 requests|ask_0/)
    expect(await watched.violations()).toEqual([])
    await page.goto(`${server.url}/monitor/#/runs/nobody`)
    await page.getByText('There is no execution "nobody".').waitFor()
    expect(await page.locator('#announcer').textContent()).toBe('')
    expect(runId).toBeDefined()
    expect(await watched.troubles()).toEqual([])
  })

  it('says so when there is no such run, and when the server is gone', async () => {
    await open('runs/nobody', { expected: [404] })
    const { page } = watched
    await page.getByText('There is no execution "nobody".').waitFor()
    await page.getByRole('link', { name: 'All runs' }).click()
    await page.getByText('There are no runs yet').waitFor()
    await page.context().setOffline(true)
    await page.getByText('The server cannot be reached. Is it still running? It is tried again.').waitFor()
    await page.context().setOffline(false)
    await expect.poll(() => page.locator('.banner').isHidden()).toBe(true)
  })
})
