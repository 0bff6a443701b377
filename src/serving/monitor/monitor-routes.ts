import { Problem } from '../problem.js'
import type { RouteTable } from '../route-table.js'
import { type Page, type PageFile, readPage } from './page-files.js'
import { pageHeaders } from './page-headers.js'

const tag = 'Monitor'

/** What the page is to know before it asks for anything. */
export interface MonitorOptions {
  /** Whether there are routes for workflows. @default false */
  readonly workflows?: boolean
  /** Where the page is. @default beside this file */
  readonly folder?: URL
}

/**
 * The page for people, at `/monitor/`. It is the same for everybody and says nothing about runs: what it shows it asks for, as whoever
 * looks at it.
 */
export function addMonitorRoutes(table: RouteTable, options: MonitorOptions = {}): void {
  const { workflows = false, folder = new URL('./page/', import.meta.url) } = options
  let reading: Promise<Page> | undefined
  const page = (): Promise<Page> => {
    // Once it is there it does not change; a failure is tried again.
    reading ??= readPage(folder, { workflows: String(workflows) }).catch((thrown: unknown) => {
      reading = undefined
      throw thrown
    })
    return reading
  }
  table.add(
    {
      method: 'GET',
      path: '/',
      access: 'public',
      operation: 'open_monitor',
      summary: 'Leads to the page for people.',
      tag,
      answers: { 302: { description: 'It is at /monitor/.' } },
      handle: () => redirect('monitor/'),
    },
    {
      method: 'GET',
      path: '/monitor',
      access: 'public',
      operation: 'find_monitor',
      summary: 'Leads to the page for people.',
      tag,
      answers: { 302: { description: 'It is at /monitor/.' } },
      handle: () => redirect('monitor/'),
    },
    {
      method: 'GET',
      path: '/monitor/',
      access: 'public',
      operation: 'get_monitor',
      summary: 'The page for people: runs, what they do, and what they wait for.',
      tag,
      answers: { 200: { description: 'The page.', body: { schema: { type: 'string' } }, mediaTypes: ['text/html'] } },
      handle: async ({ req }) => answer(req.raw, (await page()).document, 'no-cache'),
    },
    {
      method: 'GET',
      path: '/monitor/{version}/{file}',
      access: 'public',
      operation: 'get_monitor_file',
      summary: 'A script or a style sheet of the page.',
      tag,
      answers: {
        200: {
          description: 'The file.',
          body: { schema: { type: 'string' } },
          mediaTypes: ['text/javascript', 'text/css'],
        },
      },
      handle: async ({ req }) => {
        const { version, files } = await page()
        const file = files.get(req.param('file') ?? '')
        if (file === undefined)
          throw new Problem(404, { code: 'NOT_FOUND', detail: 'The monitor has no such file. It is at /monitor/.' })
        // A file of another version is sent all the same, so that a page of before does not break, but is not kept.
        const kept = req.param('version') === version ? 'public, max-age=31536000, immutable' : 'no-cache'
        return answer(req.raw, file, kept)
      },
    },
  )
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location } })
}

function answer(request: Request, { body, mediaType, tag: etag }: PageFile, caching: string): Response {
  const headers = { ...pageHeaders, 'content-type': mediaType, 'cache-control': caching, etag }
  const known = request.headers.get('if-none-match')?.split(/\s*,\s*/) ?? []
  if (known.some(each => each === '*' || each.replace(/^W\//, '') === etag))
    return new Response(null, { status: 304, headers })
  return new Response(body, { headers })
}
