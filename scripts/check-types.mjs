// Type checks the whole project, and asserts that there are lines in test/types that must not compile.
// The compiler itself reports a `@ts-expect-error` that nothing needs, so each of them is a proof.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const compiler = join(root, 'node_modules/typescript-native/bin/tsc')
const compile = (...options) =>
  spawnSync(process.execPath, [compiler, '-p', 'tsconfig.json', ...options], { cwd: root, encoding: 'utf8' })

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

const listed = new Set(
  compile('--listFilesOnly')
    .stdout.split('\n')
    .map(line => line.trim().replaceAll('\\', '/')),
)
const unseen = fixtures.filter(file => !listed.has(join(root, file).replaceAll('\\', '/')))
if (unseen.length > 0) {
  console.error(`The compiler does not look at ${unseen.join(', ')}.`)
  process.exit(2)
}

const check = compile('--noEmit')
if (check.status !== 0) {
  console.error(check.stdout || check.stderr || String(check.error))
  process.exit(1)
}
console.log(`Types hold: ${refused} lines in ${fixtures.length} files of test/types are refused as they must be.`)
