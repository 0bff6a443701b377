import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Hono } from 'hono'
import ts from 'typescript'
import type { App } from '../../src/serving/app.js'
import { createHandler, type ServingHandler, type ServingOptions } from '../../src/serving/index.js'
import { addMonitorRoutes } from '../../src/serving/monitor/monitor-routes.js'
import { problemResponse } from '../../src/serving/problem.js'
import { RouteTable } from '../../src/serving/route-table.js'

const source = 'src/serving/monitor/page'

/** The page as the build makes it, made anew from its sources so that what is tested is what is there. */
export class BuiltPage {
  readonly #folder = mkdtempSync(join(tmpdir(), 'monitor-'))

  constructor() {
    for (const name of readdirSync(source)) {
      if (name.endsWith('.ts'))
        writeFileSync(join(this.#folder, name.replace(/\.ts$/, '.js')), scriptOf(join(source, name)))
      else if (/\.(html|css|svg)$/.test(name)) copyFileSync(join(source, name), join(this.#folder, name))
    }
  }

  get folder(): URL {
    return pathToFileURL(`${this.#folder}/`)
  }

  /** A handler that serves this page. */
  async handler(options: ServingOptions): Promise<ServingHandler> {
    const handler = await createHandler({ ...options, monitor: false })
    const table = new RouteTable()
    addMonitorRoutes(table, { folder: this.folder, workflows: options.workflows !== undefined })
    const page: App = new Hono()
    page.onError(thrown => problemResponse(thrown, 'test'))
    table.register(page, request => handler.principalOf(request))
    const isPage = (url: string): boolean => /^\/(monitor(\/.*)?)?$/.test(new URL(url).pathname)
    return { ...handler, fetch: async request => (isPage(request.url) ? page.fetch(request) : handler.fetch(request)) }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function scriptOf(file: string): string {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true }
  return ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions, fileName: file }).outputText
}
