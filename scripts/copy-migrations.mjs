// Copies the SQL files that the PostgreSQL store reads at run time to where the compiled store looks for them.
import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const migrations = root => fileURLToPath(new URL(`../${root}/durability/postgres/migrations`, import.meta.url))

cpSync(migrations('src'), migrations('dist'), { recursive: true })
