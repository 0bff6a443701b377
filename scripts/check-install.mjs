// Installs the packed package into an empty project and runs users' programs there with the usual toolchains:
// compiled by tsc and run by node, by tsx, and inside vitest. None of them emits decorator metadata. Before that, with nothing but
// the required peers there, all declarations are checked.
// Expects a build; everything it makes is in one temporary folder that it removes.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
/** The programs, by the name they get in the project. */
const programs = {
  research: join(root, 'test/fixtures/consumer/research.ts'),
  agents: join(root, 'samples/10-research-report/main.ts'),
  durable: join(root, 'test/fixtures/consumer/durable.ts'),
}
/** The only entry point whose declarations need an optional peer. */
const excepted = 'observability'
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const windows = process.platform === 'win32'
const project = mkdtempSync(join(tmpdir(), 'advancer-install-'))
let running

function cleanUp() {
  if (running?.pid !== undefined) stop(running)
  rmSync(project, { recursive: true, force: true, maxRetries: 5 })
}

function stop(child) {
  try {
    // A negative id reaches the whole group: npm and vitest have children of their own.
    if (windows) child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    cleanUp()
    process.exit(1)
  })
}

/** Output is shown only when the command fails, so that the summary of the project's own tests stays the last one. */
function run(label, command, args, seconds) {
  const started = performance.now()
  return new Promise((done, fail) => {
    let output = ''
    let expired = false
    const child = spawn(command, args, { cwd: project, env: environment(), shell: windows, detached: !windows })
    running = child
    child.stdout.on('data', chunk => (output += chunk))
    child.stderr.on('data', chunk => (output += chunk))
    const limit = setTimeout(() => {
      expired = true
      stop(child)
    }, seconds * 1000)
    child.once('error', fail)
    child.once('close', status => {
      clearTimeout(limit)
      running = undefined
      if (status !== 0) {
        const reason = expired ? `did not end within ${seconds} s` : `ended with ${status}`
        fail(new Error(`${label} ${reason}:\n${output.trim()}`))
        return
      }
      console.log(`  ${label}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
      done(output)
    })
  })
}

/** The settings of an npm that runs this script would change what the npm below does. */
function environment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle|command)|vitest|NODE_OPTIONS)/i.test(name),
  )
  return { ...Object.fromEntries(kept), NO_COLOR: '1', CI: '1' }
}

function locked(name) {
  const version = packages[`node_modules/${name}`]?.version
  if (version === undefined) throw new Error(`package-lock.json has no ${name}.`)
  return version
}

const write = (file, content) =>
  writeFileSync(join(project, file), typeof content === 'string' ? content : JSON.stringify(content, undefined, 2))

const isOptional = name => manifest.peerDependenciesMeta?.[name]?.optional === true

function writeManifest(tarball, tools) {
  const peers = Object.keys(manifest.peerDependencies).filter(name => !isOptional(name))
  const versions = names => Object.fromEntries(names.map(name => [name, locked(name)]))
  write('package.json', {
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies: { [manifest.name]: `file:${tarball}`, ...versions(peers) },
    devDependencies: versions(tools),
    allowScripts: { esbuild: false },
  })
}

const install = label =>
  run(label, 'npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'], 240)

const bin = name => join(project, 'node_modules/.bin', name)

/** All declarations have to compile as they are: without optional peers, `@types/node`, and a newer `lib` than the target's. */
async function checkDeclarations() {
  const absent = [...Object.keys(manifest.peerDependencies).filter(isOptional), '@types/node']
  const present = absent.filter(name => existsSync(join(project, 'node_modules', name)))
  if (present.length > 0) throw new Error(`The declarations cannot be checked without ${present.join(', ')}.`)
  const entries = Object.keys(manifest.exports).filter(name => !['./package.json', `./${excepted}`].includes(name))
  mkdirSync(join(project, 'declarations'))
  const imports = entries.map(name => `import '${manifest.name}${name.slice(1)}'\n`)
  write('declarations/entries.ts', imports.join(''))
  const shipped = `../node_modules/${manifest.name}/dist`
  write('declarations/tsconfig.json', {
    compilerOptions: {
      target: 'ES2022',
      module: 'NodeNext',
      strict: true,
      skipLibCheck: false,
      types: [],
      noEmit: true,
    },
    include: ['entries.ts', `${shipped}/**/*.d.ts`],
    // Otherwise all of node_modules is.
    exclude: [`${shipped}/${excepted}`],
  })
  await run('declarations with required peers only', bin('tsc'), ['-p', 'declarations'], 90)
}

function writePrograms() {
  write('tsconfig.json', {
    compilerOptions: {
      target: 'ES2022',
      module: 'NodeNext',
      strict: true,
      exactOptionalPropertyTypes: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: false,
      // The declarations of the package have to compile as well.
      skipLibCheck: false,
      types: ['node'],
      outDir: 'dist',
    },
    include: ['*.ts'],
  })
  for (const [name, file] of Object.entries(programs)) {
    cpSync(file, join(project, `${name}.ts`))
    write(
      `${name}.test.ts`,
      "import { expect, it } from 'vitest'\n\n" +
        `it('runs in vitest', async () => {\n  await expect(import('./${name}.js')).resolves.toBeDefined()\n})\n`,
    )
  }
  // The build is elsewhere, so the programs are compiled by vitest and not by the tsc run before it.
  write('vitest.config.ts', "export default { test: { include: ['*.test.ts'], testTimeout: 30_000 } }\n")
}

async function main() {
  if (!existsSync(join(root, 'dist/index.js'))) throw new Error('There is no build; run `npm run build` first.')
  mkdirSync(join(project, 'packed'))
  const report = await run(
    'pack',
    'npm',
    ['pack', root, '--json', '--ignore-scripts', '--pack-destination', 'packed'],
    60,
  )
  const [{ filename }] = JSON.parse(report.slice(report.indexOf('[')))
  const tarball = `packed/${filename}`
  writeManifest(tarball, ['typescript'])
  await install('install')
  await checkDeclarations()
  writeManifest(tarball, ['typescript', 'tsx', 'vitest', 'vite', '@types/node'])
  await install('install the toolchains')
  writePrograms()

  await run('compiled by tsc --strict', bin('tsc'), ['-p', 'tsconfig.json', '--strict'], 90)
  for (const name of Object.keys(programs)) {
    await run(`${name} run by node`, process.execPath, [`dist/${name}.js`], 60)
    await run(`${name} run by tsx`, bin('tsx'), [`${name}.ts`], 60)
  }
  const tested = await run('run by vitest', bin('vitest'), ['run'], 90)
  await checkOptionalSqlite()
  const expected = Object.keys(programs).length
  if (!new RegExp(`Tests\\s+${expected} passed`).test(tested))
    throw new Error(`vitest did not run them all:\n${tested}`)
}

/** The runs so far were without libsql. */
async function checkOptionalSqlite() {
  const durable = () => run('durable run by node', process.execPath, ['dist/durable.js'], 60)
  if (!/libsql: missing/.test(await durable())) throw new Error('Without libsql, SqliteJournalStore does not say so.')
  const libsql = `libsql@${locked('libsql')}`
  await run(
    'libsql',
    'npm',
    ['install', libsql, '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'],
    120,
  )
  if (!/libsql: ran/.test(await durable())) throw new Error('With libsql, the durable program did not use it.')
}

try {
  await main()
  console.log('A fresh install works.')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  cleanUp()
}
