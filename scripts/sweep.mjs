// Runs the tests of random graphs, programs, definitions and requests with many more cases than the test command does, those that put
// load on a server with more of it, and those that kill processes at every place instead of at some.
// usage: node scripts/sweep.mjs [cases]
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const cases = process.argv[2] ?? '1200'
if (!/^[1-9]\d*$/.test(cases)) {
  console.error(`The number of cases must be a whole number of at least 1, but is ${cases}.`)
  process.exit(2)
}
const { status } = spawnSync('npx', ['vitest', 'run', 'random', 'fuzz', 'serving/load', 'crash-sweep', 'two-drivers'], {
  cwd: root,
  env: { ...process.env, PROPERTY_RUNS: cases },
  shell: process.platform === 'win32',
  stdio: 'inherit',
})
if (status === 0) console.log(`Each property was tried with at least ${cases} cases.`)
process.exit(status ?? 1)
