import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

/** One file of the page, ready to be sent. */
export interface PageFile {
  readonly body: Uint8Array<ArrayBuffer>
  readonly mediaType: string
  /** As in the header `ETag`. */
  readonly tag: string
}

/** The page: its document, and what that loads, by name. */
export interface Page {
  readonly document: PageFile
  /** In the path of every file, and different for different contents, so that files can be kept for ever. */
  readonly version: string
  readonly files: ReadonlyMap<string, PageFile>
}

/** What the page may consist of; anything else in its folder is not served. */
const mediaTypes: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

/**
 * Reads the page from its folder, once: what is asked for later is looked up by name and never becomes a path. `facts` are written into
 * its document where that has their names in braces.
 * @throws if the scripts of the page are not there, which are made by the build
 */
export async function readPage(folder: URL, facts: Readonly<Record<string, string>> = {}): Promise<Page> {
  const names = (await readdir(folder)).filter(name => mediaTypes[ending(name)] !== undefined).sort()
  if (!names.includes('main.js'))
    throw new Error('The scripts of the monitor are not there. They are made by the build: npm run build.')
  const contents = await Promise.all(names.map(name => readFile(new URL(name, folder))))
  const version = digest(Buffer.concat(contents)).slice(0, 16)
  const files = new Map(names.map((name, index) => [name, fileOf(contents[index] as Buffer, mediaTypes[ending(name)])]))
  const template = await readFile(new URL('index.html', folder), 'utf8')
  const html = template.replaceAll(/\{(\w+)\}/g, (braced, name: string) => ({ ...facts, version })[name] ?? braced)
  return { document: fileOf(Buffer.from(html), 'text/html; charset=utf-8'), version, files }
}

function fileOf(content: Buffer, mediaType = 'application/octet-stream'): PageFile {
  return { body: new Uint8Array(content), mediaType, tag: `"${digest(content).slice(0, 27)}"` }
}

function digest(content: Buffer): string {
  return createHash('sha256').update(content).digest('base64url')
}

function ending(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
