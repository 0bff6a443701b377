// Every requirement in the tables of docs/sources.md is named in a test, or says there why it needs none.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const rows = [...readFileSync(join(root, 'docs/sources.md'), 'utf8').matchAll(/^\| (S\d-\d\d)(?: †)? \|(.*)\|$/gm)]
if (rows.length < 100) throw new Error(`docs/sources.md has ${rows.length} rows; its tables have changed their form.`)

const tests = readdirSync(join(root, 'test'), { recursive: true })
  .map(String)
  .filter(file => file.endsWith('.ts'))
  .map(file => readFileSync(join(root, 'test', file), 'utf8'))
  .join('\n')
const named = new Set(tests.match(/\bS\d-\d\d\b/g))

const known = new Set(rows.map(([, id]) => id))
const cells = row => row.split(/(?<!\\)\|/).map(cell => cell.trim())
const open = rows.filter(([, id, row]) => !named.has(id) && cells(row)[1] === '')
const idle = rows.filter(([, id, row]) => named.has(id) && cells(row)[1] !== '').map(([, id]) => id)
const sources = new Set([...known].map(id => id.slice(0, 2)))
const unknown = [...named].filter(id => sources.has(id.slice(0, 2)) && !known.has(id))

for (const [, id, row] of rows) if (cells(row)[1] !== '') console.log(`${id} is explained: ${cells(row)[1]}`)
for (const [, id, row] of open) console.error(`${id} has no test: ${cells(row)[0]}`)
for (const id of idle) console.error(`${id} has a test, and a reason why it has none.`)
for (const id of unknown.toSorted((a, b) => a.localeCompare(b)))
  console.error(`${id} is named in a test, but docs/sources.md has no such row.`)
const explained = rows.filter(([, , row]) => cells(row)[1] !== '').length
console.log(`${rows.length} requirements: ${rows.length - open.length - explained} with tests, ${explained} explained.`)
process.exitCode = open.length + idle.length + unknown.length === 0 ? 0 : 1
