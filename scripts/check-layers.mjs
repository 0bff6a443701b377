// Checks the import rules of .dependency-cruiser.cjs on src. An argument names another project root to check.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const project = fileURLToPath(new URL('..', import.meta.url))
const root = resolve(process.argv[2] ?? project)
const cruiser = join(project, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')

const cruise = spawnSync(
  process.execPath,
  [cruiser, 'src', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'],
  { cwd: root, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
)
if (!cruise.stdout.startsWith('{')) {
  console.error(`dependency-cruiser did not run:\n${cruise.stderr || cruise.error || cruise.stdout}`)
  process.exit(2)
}

const { modules, summary } = JSON.parse(cruise.stdout)
const seen = modules.filter(({ source }) => /^src\/.*\.ts$/.test(source)).length
const present = readdirSync(join(root, 'src'), { recursive: true }).filter(file => String(file).endsWith('.ts')).length

// Without a TypeScript it can use, dependency-cruiser finds no modules and reports success.
if (present === 0 || seen < present) {
  console.error(`dependency-cruiser saw ${seen} modules, but src has ${present} files: the check proves nothing.`)
  process.exit(2)
}

const comments = new Map(summary.ruleSetUsed.forbidden.map(({ name, comment }) => [name, comment]))
for (const { rule, from, to, cycle } of summary.violations) {
  const path = cycle === undefined ? to : cycle.map(step => step.name).join(' → ')
  console.error(`${rule.name}: ${from} → ${path}\n  ${comments.get(rule.name)}`)
}
if (summary.violations.length > 0) {
  console.error(`\n${summary.violations.length} imports break the layers.`)
  process.exit(1)
}
console.log(`Layers hold: ${seen} modules, ${summary.totalDependenciesCruised} imports.`)
