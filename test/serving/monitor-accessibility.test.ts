import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { type Listening, listen, type ServingHandler } from '../../src/serving/index.js'
import { launchBrowser, WatchedPage } from './monitor-browser.js'
import { Doors, failing, nested, reporting } from './monitor-machines.js'
import { BuiltPage } from './monitor-page.js'

let browser: Browser
let built: BuiltPage
let handler: ServingHandler
let server: Listening
const doors = new Doors()
const runs: Record<string, string> = {}

beforeAll(async () => {
  built = new BuiltPage()
  browser = await launchBrowser()
  const openDoors = new Doors()
  openDoors.openAll()
  const waiting = reporting(openDoors).configure({ name: 'Waiting report' } as never) as ReturnType<typeof reporting>
  handler = await built.handler({
    store: new MemoryJournalStore(),
    orchestrations: [reporting(doors), waiting, failing(), nested()],
    auth: { tokens: ['a-token-of-some-length'] },
  })
  server = await listen(handler, { port: 0 })
  doors.open('Plan', 'Research')
  const request = { topic: 'Batteries', depth: { sources: 3 } }
  for (const [name, input] of [
    ['Market report', request],
    ['Waiting report', request],
    ['Failing', 'x'],
    ['Nested', 'x'],
  ] as const) {
    runs[name] = (await handler.server.host.start(name, input)).id
  }
})

afterAll(async () => {
  doors.openAll()
  await browser?.close()
  await server?.close(200)
  built?.remove()
})

async function open(path: string, options: Parameters<typeof WatchedPage.open>[1] = {}): Promise<WatchedPage> {
  const watched = await WatchedPage.open(browser, { reducedMotion: 'reduce', ...options })
  await watched.page.context().addInitScript(`sessionStorage.setItem('advancer.token', 'a-token-of-some-length')`)
  await watched.page.goto(`${server.url}/monitor/#/${path}`)
  return watched
}

const views: Readonly<Record<string, { readonly path: () => string; readonly ready: string }>> = {
  'the list of runs': { path: () => 'runs', ready: '.runs tbody tr' },
  'an empty list': { path: () => 'runs?text=nothing-like-this', ready: '.empty' },
  'the start of a run': { path: () => 'start?orchestration=Market%20report', ready: '.fields' },
  'what waits for people': { path: () => 'approvals', ready: '.request' },
  'a run at work': { path: () => `runs/${runs['Market report']}`, ready: '.diagram [data-mark=active]' },
  'a run that failed': { path: () => `runs/${runs['Failing']}`, ready: '.diagram [data-mark=failed]' },
  'a run that waits': { path: () => `runs/${runs['Nested']}`, ready: '.request' },
  'a run that asks for an approval': { path: () => `runs/${runs['Waiting report']}`, ready: '.request' },
  'a run that is not there': { path: () => 'runs/nobody', ready: '.empty' },
  'no such page': { path: () => 'elsewhere', ready: '.empty' },
}

describe.each(['light', 'dark'] as const)('in %s', colorScheme => {
  it.each(Object.entries(views))('axe finds nothing wrong with %s', async (_, { path, ready }) => {
    const watched = await open(path(), { colorScheme, expected: [404] })
    await watched.page.locator(ready).first().waitFor()
    if (path().startsWith('runs/') && !path().endsWith('nobody')) {
      await watched.page.locator('.row').first().waitFor()
      await watched.page.getByRole('listbox', { name: 'Events' }).press('Home')
      await watched.page.locator('.values details').first().waitFor()
      await watched.page.locator('#nodes-title + p:not(:empty)').waitFor()
    }
    expect(await watched.violations()).toEqual([])
    expect(await watched.troubles()).toEqual([])
    await watched.close()
  })

  it('axe finds nothing wrong with a dialog, a look into the past, a refused input and the way in', async () => {
    const watched = await open(`runs/${runs['Market report']}`, { colorScheme, expected: [401, 422] })
    const { page } = watched
    await page.getByRole('slider').fill('2')
    await page.getByText('as things are now').waitFor()
    expect(await watched.violations()).toEqual([])
    await page.getByRole('button', { name: 'Fork from here' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await watched.violations()).toEqual([])
    await page.keyboard.press('Escape')
    await page.goto(`${server.url}/monitor/#/start?orchestration=Market%20report`)
    await page.getByRole('button', { name: 'Start the run' }).click()
    await page.locator('.field-error').first().waitFor()
    expect(await watched.violations()).toEqual([])
    await page.evaluate(`sessionStorage.setItem('advancer.token', 'another-token-altogether')`)
    await page.goto(`${server.url}/monitor/#/runs`)
    await page.getByLabel('Access token').waitFor()
    expect(await watched.violations()).toEqual([])
    expect(await watched.troubles()).toEqual([])
    await watched.close()
  })
})

describe('by keyboard alone', () => {
  it('everything on a run can be reached, is named, shows where the focus is, and lets go of it', async () => {
    const watched = await open(`runs/${runs['Nested']}`)
    const { page } = watched
    await page.locator('.row').first().waitFor()
    await page.locator('#nodes-title + p:not(:empty)').waitFor()
    const stops: string[] = []
    for (let tabs = 0; tabs < 80; tabs++) {
      await page.keyboard.press('Tab')
      const stop = (await page.evaluate(`(() => {
        const { activeElement: at } = document
        if (at === document.body) return ''
        const style = getComputedStyle(at)
        const labels = [...(at.labels ?? [])].map(label => label.textContent)
        const name = at.getAttribute('aria-label') || labels.join() || at.textContent.trim()
        return at.tagName.toLowerCase() + ' ' + name.slice(0, 40) + (style.outlineStyle === 'none' ? ' – the focus cannot be seen' : '')
      })()`)) as string
      if (stop === '' || stop === stops[0]) break
      stops.push(stop)
    }
    expect(stops[0]).toBe('a Skip to the content')
    expect(stops.length).toBeLessThan(80)
    const needed = ['a Approvals', 'select Theme', 'button Pause', 'button Cancel', 'textarea Message', 'button Send']
    needed.push('input Time travel', 'button Fork from here', 'div Events', 'select Type', 'button Begin')
    expect(needed.filter(name => !stops.some(stop => stop.startsWith(name)))).toEqual([])
    expect(stops.filter(stop => /cannot be seen|^\w+ $/.test(stop))).toEqual([])
    await watched.close()
  })

  it('the focus stays where it was when an input is refused, and does not get lost with what was answered', async () => {
    const watched = await open('start?orchestration=Market%20report', { expected: [422] })
    const { page } = watched
    const focused = () => page.evaluate('document.activeElement.textContent.trim()')
    await page.getByRole('textbox').fill('{"topic": 1}')
    await page.getByRole('button', { name: 'Start the run' }).press('Enter')
    await page.locator('.faults').waitFor()
    expect(await focused()).toBe('Start the run')
    const { id } = await handler.server.host.start('Waiting report', { topic: 'Tides', depth: { sources: 1 } })
    await page.goto(`${server.url}/monitor/#/runs/${id}`)
    await page.getByRole('button', { name: 'Approve' }).press('Enter')
    await expect.poll(() => page.locator('.request').count()).toBe(0)
    expect(await focused()).toBe('Waiting report')
    await watched.close()
  })

  it('a run is found, travelled, looked into, and left', async () => {
    const watched = await open('runs')
    const { page } = watched
    await page.locator('.runs tbody tr').first().waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
    const isAt = (text: string) => page.evaluate(`document.activeElement.textContent === '${text}'`)
    for (let tabs = 0; tabs < 20 && !(await isAt('Market report')); tabs++) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.locator('.diagram [data-mark=active]').waitFor()
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
    const slider = page.getByRole('slider')
    await slider.focus()
    await page.keyboard.press('Home')
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toContain('Entry 1 of')
    await page.locator('.diagram [data-state=Plan][data-mark=active]').waitFor()
    const events = page.getByRole('listbox', { name: 'Events' })
    await events.focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowDown')
    const active = await events.getAttribute('aria-activedescendant')
    expect(await page.locator(`#${active}`).getAttribute('aria-selected')).toBe('true')
    expect(await page.locator('.event-details h3').textContent()).toBe('1 · state.started')
    await page.getByRole('button', { name: 'Fork from here' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(await isAt('Fork from here')).toBe(true)
    await watched.close()
  })
})

describe('for everybody', () => {
  it('everything fits small screens, without scrolling sideways', async () => {
    const watched = await open('runs', { viewport: { width: 360, height: 740 } })
    const { page } = watched
    for (const path of ['runs', 'start', 'approvals', `runs/${runs['Market report']}`]) {
      await page.goto(`${server.url}/monitor/#/${path}`)
      await page.locator('.view h1').waitFor()
      if (path.includes('/')) await page.locator('.diagram svg').waitFor()
      expect([path, await page.evaluate('document.documentElement.scrollWidth <= 360')]).toEqual([path, true])
    }
    await watched.close()
  })

  it('nothing moves for those who asked for that', async () => {
    const watched = await open(`runs/${runs['Market report']}`)
    await watched.page.locator('.diagram [data-mark=active]').waitFor()
    expect(await watched.page.evaluate('document.getAnimations().length')).toBe(0)
    await watched.close()
  })

  it('light or dark is as the system has it, until somebody chooses', async () => {
    const watched = await open('runs', { colorScheme: 'dark' })
    const { page } = watched
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const dark = await background()
    await page.getByLabel('Theme').selectOption('light')
    expect(await background()).not.toBe(dark)
    await page.reload()
    expect(await background()).not.toBe(dark)
    await page.getByLabel('Theme').selectOption('auto')
    expect(await background()).toBe(dark)
    await watched.close()
  })
})
