// Copies what the compiler leaves out to where the compiled package looks for it: the SQL files that the PostgreSQL store reads at run
// time, the document and the style sheet of the monitor, and the files of a new project.
import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const assets = [
  'durability/postgres/migrations',
  'cli/project/template',
  'serving/monitor/page/index.html',
  'serving/monitor/page/monitor.css',
  'serving/monitor/page/icon.svg',
]
const inRoot = path => fileURLToPath(new URL(`../${path}`, import.meta.url))

for (const asset of assets) cpSync(inRoot(`src/${asset}`), inRoot(`dist/${asset}`), { recursive: true })
