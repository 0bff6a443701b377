// Checks the types and runs the tests with the newest of each supported major version of the `openai` package, which it downloads.
// Arguments name the versions to take instead. The test command runs with the two that are locked.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['6', '7']
const tests = ['test/agents', 'test/chat', 'test/demos', 'test/testing/record-model.test.ts']

function succeeds(command, args, cwd, env = {}) {
  const shell = process.platform === 'win32'
  return spawnSync(command, args, { cwd, stdio: 'inherit', shell, env: { ...process.env, ...env } }).status === 0
}

function check(version, folder) {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  if (!succeeds('npm', ['install', '--no-audit', '--no-fund', '--silent', `openai@${version}`], folder)) return false
  const installed = join(folder, 'node_modules', 'openai', 'index')
  const types = join(folder, 'tsconfig.json')
  const paths = {
    advancer: [`${root}src/index.ts`],
    'advancer/*': [`${root}src/*/index.ts`],
    openai: [`${installed}.d.mts`],
  }
  const compilerOptions = { paths, typeRoots: [`${root}node_modules/@types`] }
  const include = [`${root}src`, ...tests.map(test => `${root}${test}`)]
  writeFileSync(types, JSON.stringify({ extends: `${root}tsconfig.json`, compilerOptions, include }))
  const compiler = join(root, 'node_modules', 'typescript-native', 'bin', 'tsc')
  if (!succeeds(process.execPath, [compiler, '-p', types], root)) return false
  const config = join(folder, 'vitest.config.mjs')
  writeFileSync(
    config,
    `import base from ${JSON.stringify(`${root}vitest.config.ts`)}
const openai = { find: /^openai$/, replacement: ${JSON.stringify(`${installed}.mjs`)} }
export default { ...base, root: ${JSON.stringify(root)}, resolve: { alias: [...base.resolve.alias, openai] } }
`,
  )
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const { version: exact } = JSON.parse(readFileSync(join(folder, 'node_modules', 'openai', 'package.json'), 'utf8'))
  const env = { OPENAI_PACKAGE: pathToFileURL(`${installed}.mjs`).href, OPENAI_MAJOR: exact.split('.')[0] }
  return succeeds(process.execPath, [vitest, 'run', '--config', config, '--project', 'advancer', ...tests], root, env)
}

const failed = versions.filter(version => {
  console.log(`\nopenai ${version}`)
  const folder = mkdtempSync(join(tmpdir(), 'advancer-openai-'))
  try {
    return !check(version, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
if (failed.length > 0) {
  console.error(`The checks failed with openai ${failed.join(', ')}.`)
  process.exit(1)
}
