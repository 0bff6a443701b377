// How often a run on SQLite waits for the disk, counted by strace from outside: `node bench/sync-count.mjs <driver> <mode> <steps>`
// is the process that is watched.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { durableLoop } from './durable-machines.mjs'
import { storeNamed } from './stores.mjs'

const self = fileURLToPath(import.meta.url)

/** The fsyncs for each step, once the file is there; `undefined` where there is no strace. */
export function syncsPerStep(driver, durability) {
  const few = syncsOf(driver, durability, 100)
  const many = syncsOf(driver, durability, 600)
  return few === undefined || many === undefined ? undefined : (many - few) / 500
}

function syncsOf(driver, durability, steps) {
  const folder = mkdtempSync(join(tmpdir(), 'advancer-strace-'))
  try {
    const report = join(folder, 'report')
    const watched = [process.execPath, self, driver, durability, String(steps)]
    const { error, status } = spawnSync('strace', ['-f', '-e', 'trace=fsync,fdatasync', '-o', report, ...watched])
    if (error !== undefined || status !== 0) return undefined
    return readFileSync(report, 'utf8').match(/\bf(data)?sync\(/g)?.length ?? 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === self) {
  const [driver, durability, steps] = process.argv.slice(2)
  const place = await storeNamed(driver)
  const store = place.open()
  await durableLoop().run(Number(steps), { store, durability })
  await store.close()
  await place.end()
}
