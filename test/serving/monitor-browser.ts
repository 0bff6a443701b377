import { readFileSync } from 'node:fs'
import chromium from '@sparticuz/chromium'
import { type Browser, type BrowserContextOptions, type Page, chromium as playwright } from 'playwright-core'
import { unpackedBrowser } from './unpacked-browser.js'

const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8')

/** The longest that the browser is waited for, in milliseconds. */
const patience = 60_000

/** What weakens the protection that is tested here, and one process for all pages, which ends with the first of them. */
const unwanted =
  /single-process|disable-web-security|allow-running-insecure-content|site-isolation|in-process-gpu|headless/

/** A real Chromium. */
export async function launchBrowser(): Promise<Browser> {
  const args = chromium.args.filter(arg => !unwanted.test(arg))
  return playwright.launch({ executablePath: await unpackedBrowser(), args, headless: true, timeout: patience })
}

/** A violation that axe found, in a line. */
export type Violation = string

/** A page of a browser in which nothing goes wrong unnoticed. */
export class WatchedPage {
  readonly #errors: string[] = []

  private constructor(
    readonly page: Page,
    /** Statuses that a test provokes; the browser tells of them as errors. */
    readonly expected: ReadonlySet<number>,
  ) {
    page.on('console', message => {
      const status = Number(/status of (\d+)/.exec(message.text())?.[1])
      if (['error', 'warning'].includes(message.type()) && !expected.has(status)) this.#errors.push(message.text())
    })
    page.on('pageerror', error => this.#errors.push(error.stack ?? error.message))
  }

  static async open(
    browser: Browser,
    { expected = [], ...options }: BrowserContextOptions & { readonly expected?: readonly number[] } = {},
  ): Promise<WatchedPage> {
    const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, locale: 'en-GB', ...options })
    await context.addInitScript(`
      window.violations = []
      addEventListener('securitypolicyviolation', event => violations.push(event.violatedDirective + ' ' + event.blockedURI))
    `)
    await context.addInitScript(axe)
    context.setDefaultTimeout(patience)
    return new WatchedPage(await context.newPage(), new Set(expected))
  }

  /** Everything that went wrong: errors of scripts, of the console, and what the policy of the page has refused. */
  async troubles(): Promise<readonly string[]> {
    const refused = (await this.page.evaluate('window.violations')) as string[]
    return [...this.#errors, ...refused]
  }

  /** What axe finds. */
  async violations(): Promise<readonly Violation[]> {
    return (await this.page.evaluate(`
      axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
        violations.flatMap(({ id, help, nodes }) =>
          nodes.map(({ html, any }) => [id, help, html.slice(0, 160), any[0]?.message ?? ''].join(' – '))))`)) as string[]
  }

  close(): Promise<void> {
    return this.page.context().close()
  }
}
