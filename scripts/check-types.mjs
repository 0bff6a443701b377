// Type checks the whole project, and asserts that there are lines in test/types that must not compile.
// One folder is checked a second time, with the decorators of the standard instead of TypeScript's older ones, and what has to do with
// models with the other major version of the `openai` package; and the page of the monitor, which has a browser's globals.
// The compiler itself reports a `@ts-expect-error` that nothing needs, so each of them is a proof.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const compiler = join(root, 'node_modules/typescript-native/bin/tsc')
const configs = [
  'tsconfig.json',
  'test/types/standard-decorators/tsconfig.json',
  'test/types/openai-7/tsconfig.json',
  'src/serving/monitor/page/tsconfig.json',
]
const compile = (config, ...options) =>
  spawnSync(process.execPath, [compiler, '-p', config, ...options], { cwd: root, encoding: 'utf8' })
const filesOf = config => {
  const { stdout } = compile(config, '--listFilesOnly')
  return new Set(stdout.split('\n').map(line => line.trim().replaceAll('\\', '/')))
}

const fixtures = readdirSync(join(root, 'test/types'), { recursive: true })
  .map(file => join('test/types', String(file)))
  .filter(file => file.endsWith('.ts'))
const refused = fixtures.reduce(
  (count, file) => count + (readFileSync(join(root, file), 'utf8').match(/^\s*\/\/ @ts-expect-error\b/gm)?.length ?? 0),
  0,
)
if (refused === 0) {
  console.error('test/types has no line with @ts-expect-error: nothing proves what must not compile.')
  process.exit(2)
}

const standard = fixtures.filter(file => file.replaceAll('\\', '/').startsWith('test/types/standard-decorators/'))
if (standard.length === 0) {
  console.error('test/types/standard-decorators is empty: nothing is checked with the decorators of the standard.')
  process.exit(2)
}
for (const [config, expected] of [
  [configs[0], fixtures],
  [configs[1], standard],
]) {
  const listed = filesOf(config)
  const unseen = expected.filter(file => !listed.has(join(root, file).replaceAll('\\', '/')))
  if (unseen.length > 0) {
    console.error(`With ${String(config)}, the compiler does not look at ${unseen.join(', ')}.`)
    process.exit(2)
  }
}

for (const config of configs) {
  const check = compile(config, '--noEmit')
  if (check.status !== 0) {
    console.error(`With ${config}:\n${check.stdout || check.stderr || String(check.error)}`)
    process.exit(1)
  }
}
console.log(`Types hold: ${refused} lines in ${fixtures.length} files of test/types are refused as they must be.`)
