// Installs the packed package into an empty project and runs users' programs there with the usual toolchains:
// compiled by tsc and run by node, by tsx, and inside vitest. None of them emits decorator metadata. Before that, with nothing but
// the required peers there, all declarations are checked.
// Expects a build; everything it makes is in one temporary folder that it removes.
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { FreshProject, isOptional, locked, manifest, root } from './fresh-project.mjs'

/** The programs, by the name they get in the project. */
const programs = {
  research: join(root, 'test/fixtures/consumer/research.ts'),
  agents: join(root, 'samples/10-research-report/main.ts'),
  durable: join(root, 'test/fixtures/consumer/durable.ts'),
}
/** The only entry point whose declarations need an optional peer. */
const excepted = 'observability'
/** Folders whose own files may need optional peers and Node; what their doors reach may not, and is checked. */
const innerMayNeed = ['cli', 'serving']
const project = new FreshProject('advancer-install-')
const { folder } = project

function writeManifest(tarball, tools) {
  const peers = Object.keys(manifest.peerDependencies).filter(name => !isOptional(name))
  const versions = names => Object.fromEntries(names.map(name => [name, locked(name)]))
  project.write('package.json', {
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies: { [manifest.name]: `file:${tarball}`, ...versions(peers) },
    devDependencies: versions(tools),
    allowScripts: { esbuild: false },
  })
}

/** All declarations have to compile as they are: without optional peers, `@types/node`, and a newer `lib` than the target's. */
async function checkDeclarations() {
  const absent = [...Object.keys(manifest.peerDependencies).filter(isOptional), '@types/node']
  const present = absent.filter(name => existsSync(join(folder, 'node_modules', name)))
  if (present.length > 0) throw new Error(`The declarations cannot be checked without ${present.join(', ')}.`)
  const entries = Object.keys(manifest.exports).filter(name => !['./package.json', `./${excepted}`].includes(name))
  const imports = entries.map(name => `import '${manifest.name}${name.slice(1)}'\n`)
  project.write('declarations/entries.ts', imports.join(''))
  const shipped = `../node_modules/${manifest.name}/dist`
  project.write('declarations/tsconfig.json', {
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
    exclude: [excepted, ...innerMayNeed].map(name => `${shipped}/${name}`),
  })
  await project.run('declarations with required peers only', project.bin('tsc'), ['-p', 'declarations'])
}

function writePrograms() {
  project.write('tsconfig.json', {
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
    cpSync(file, join(folder, `${name}.ts`))
    project.write(
      `${name}.test.ts`,
      "import { expect, it } from 'vitest'\n\n" +
        `it('runs in vitest', async () => {\n  await expect(import('./${name}.js')).resolves.toBeDefined()\n})\n`,
    )
  }
  // The build is elsewhere, so the programs are compiled by vitest and not by the tsc run before it.
  project.write('vitest.config.ts', "export default { test: { include: ['*.test.ts'], testTimeout: 120_000 } }\n")
}

async function main() {
  const tarball = await project.pack()
  writeManifest(tarball, ['typescript'])
  await project.install('install')
  await checkDeclarations()
  writeManifest(tarball, ['typescript', 'tsx', 'vitest', 'vite', '@types/node'])
  await project.install('install the toolchains')
  writePrograms()

  await project.run('compiled by tsc --strict', project.bin('tsc'), ['-p', 'tsconfig.json', '--strict'])
  for (const name of Object.keys(programs)) {
    await project.run(`${name} run by node`, process.execPath, [`dist/${name}.js`])
    await project.run(`${name} run by tsx`, project.bin('tsx'), [`${name}.ts`])
  }
  const tested = await project.run('run by vitest', project.bin('vitest'), ['run'])
  await checkOptionalSqlite()
  const expected = Object.keys(programs).length
  if (!new RegExp(`Tests\\s+${expected} passed`).test(tested))
    throw new Error(`vitest did not run them all:\n${tested}`)
}

/** The runs so far were without libsql. */
async function checkOptionalSqlite() {
  const durable = () => project.run('durable run by node', process.execPath, ['dist/durable.js'])
  if (!/libsql: missing/.test(await durable())) throw new Error('Without libsql, SqliteJournalStore does not say so.')
  await project.install('libsql', [`libsql@${locked('libsql')}`])
  if (!/libsql: ran/.test(await durable())) throw new Error('With libsql, the durable program did not use it.')
}

try {
  await main()
  console.log('A fresh install works.')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  project.cleanUp()
}
