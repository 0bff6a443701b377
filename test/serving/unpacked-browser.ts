import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'

const { version } = JSON.parse(readFileSync('node_modules/@sparticuz/chromium/package.json', 'utf8')) as {
  readonly version: string
}

/**
 * The path of a Chromium, which is unpacked when there is none yet: aside, and moved to its place as a whole. So nobody starts half of
 * one, neither a test file that comes meanwhile nor a test run after one that was ended in the middle.
 */
export async function unpackedBrowser(): Promise<string> {
  const place = join(tmpdir(), `advancer-chromium-${version}-${userInfo().uid}`)
  const path = join(place, 'chromium')
  if (existsSync(path)) return path
  const aside = mkdtempSync(`${place}-`)
  const { TMPDIR } = process.env
  // The package unpacks to where temporary files are.
  process.env['TMPDIR'] = aside
  try {
    await chromium.executablePath()
    renameSync(aside, place)
  } catch (failure) {
    // Another test file may have been quicker.
    if (!existsSync(path)) throw failure
  } finally {
    if (TMPDIR === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
    rmSync(aside, { recursive: true, force: true })
  }
  return path
}
