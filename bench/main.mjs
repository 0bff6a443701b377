// `npm run bench` measures the build in dist, run by plain node: what a step costs in memory and in time, as figures and as
// ratios to plain asynchronous code of the same shape in the same process. Results go to bench/results/latest.json.
// Arguments name the rows to measure; each row is measured in a process of its own. `--postgres` adds a PostgreSQL server.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { durabilityRows } from './durability-rows.mjs'
import { importRows } from './import-rows.mjs'
import { memoryRows } from './memory-rows.mjs'
import { policyRows } from './policy-rows.mjs'
import { servingRows } from './serving-rows.mjs'
import { stepRows } from './step-rows.mjs'
import { met, print } from './table.mjs'

const rows = [...stepRows, ...policyRows, ...memoryRows, ...importRows, ...durabilityRows, ...servingRows]
const one = '--row='
const withPostgres = process.argv.includes('--postgres')

/** A process of its own for each row: what one row taught the optimiser must not flatter or spoil the next. */
function measureApart({ id }) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', fileURLToPath(import.meta.url), one + id],
    { encoding: 'utf8', env: { ...process.env, ...(withPostgres ? { BENCH_POSTGRES: '1' } : {}) } },
  )
  if (status !== 0) throw new Error(`Row ${id} ended with ${status}:\n${stderr}`)
  return JSON.parse(stdout)
}

function measureAll(wanted) {
  const chosen = rows.filter(({ id }) => wanted.length === 0 || wanted.includes(id))
  if (chosen.length === 0) throw new Error(`No such row; there are: ${rows.map(({ id }) => id).join(', ')}.`)
  const started = new Date()
  const measured = chosen.map(row => {
    const result = { ...row, ...measureApart(row) }
    return { ...result, met: met(result) }
  })
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() }
  console.log(`Node ${machine.node}, ${machine.cores} × ${machine.cpu}. Times are medians.\n`)
  print(measured)
  const missed = measured.filter(row => row.met === false)
  console.log(missed.length === 0 ? '\nEvery target is met.' : `\n${missed.length} targets are missed.`)
  const folder = new URL('results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const report = { at: started.toISOString(), machine, rows: measured }
  writeFileSync(new URL('latest.json', folder), `${JSON.stringify(report, undefined, 2)}\n`)
}

const single = process.argv.find(argument => argument.startsWith(one))
if (single === undefined) measureAll(process.argv.slice(2).filter(argument => argument !== '--postgres'))
else {
  const row = rows.find(({ id }) => id === single.slice(one.length))
  if (row === undefined) throw new Error(`No such row: ${single}.`)
  console.log(JSON.stringify(await row.measure()))
}
