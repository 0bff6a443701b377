// Builds and packs, then checks the tarball as a user would meet it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, posix, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const problems = []

function run(label, command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' })
  if (result.status === 0) return result.stdout
  problems.push(`${label}:\n${`${result.stdout}${result.stderr}`.trim() || result.error}`)
  return ''
}

const bin = name => join(root, 'node_modules/.bin', name)

/** `exports` names each folder of src that has a door, one by one, and nothing else. */
function checkExports() {
  const folders = readdirSync(join(root, 'src')).filter(name => existsSync(join(root, 'src', name, 'index.ts')))
  const expected = { '.': 'index', ...Object.fromEntries(folders.map(name => [`./${name}`, `${name}/index`])) }
  const { './package.json': own, ...actual } = manifest.exports
  if (own !== './package.json') problems.push('exports: ./package.json is missing.')
  for (const [subpath, file] of Object.entries(expected)) {
    const wanted = { types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` }
    if (JSON.stringify(actual[subpath]) !== JSON.stringify(wanted)) {
      problems.push(
        `exports: "${subpath}" must be ${JSON.stringify(wanted)}, but is ${JSON.stringify(actual[subpath])}.`,
      )
    }
    for (const path of Object.values(wanted)) {
      if (!existsSync(join(root, path))) problems.push(`exports: ${path} was not built.`)
    }
  }
  for (const subpath of Object.keys(actual)) {
    if (!(subpath in expected)) problems.push(`exports: "${subpath}" is not a folder of src.`)
  }
}

/** What a built module loads as soon as it is loaded itself. A dynamic import is for what may be absent. */
function staticImports(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
  return source.statements
    .filter(statement => ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement))
    .flatMap(({ moduleSpecifier }) => (moduleSpecifier === undefined ? [] : [moduleSpecifier.text]))
}

/** `import 'advancer'` must work in any JavaScript runtime with nothing but the required peers installed. */
function checkRootImports() {
  const peers = Object.keys(manifest.peerDependencies ?? {})
  const optional = peers.filter(name => manifest.peerDependenciesMeta?.[name]?.optional)
  const allowed = new Set([
    ...peers.filter(name => !optional.includes(name)),
    ...Object.keys(manifest.dependencies ?? {}),
  ])
  const builtins = new Set(builtinModules)
  const seen = new Set()
  const visit = file => {
    if (seen.has(file)) return
    seen.add(file)
    for (const specifier of staticImports(file)) {
      if (specifier.startsWith('.')) {
        visit(resolve(dirname(file), specifier))
        continue
      }
      const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
      const where = relative(root, file)
      if (specifier.startsWith('node:') || builtins.has(name)) {
        problems.push(`root import: ${where} loads the Node built-in ${specifier}.`)
      } else if (optional.includes(name)) {
        problems.push(`root import: ${where} loads the optional peer ${name}.`)
      } else if (!allowed.has(name)) {
        problems.push(`root import: ${where} loads ${specifier}, which is no dependency.`)
      }
    }
  }
  visit(join(root, 'dist/index.js'))
  return seen.size
}

/** A subpath that can do without an optional peer must load where that is not installed; so nothing imports one statically. */
function checkOptionalPeers() {
  const optional = Object.entries(manifest.peerDependenciesMeta ?? {}).flatMap(([name, meta]) =>
    meta.optional ? [name] : [],
  )
  const files = readdirSync(join(root, 'dist'), { recursive: true }).map(String)
  for (const file of files.filter(path => path.endsWith('.js'))) {
    for (const specifier of staticImports(join(root, 'dist', file))) {
      if (optional.includes(specifier)) problems.push(`optional peers: dist/${file} loads ${specifier} at once.`)
    }
  }
}

/** The tarball has the build with its SQL, page and templates, the documents, and no source, test or machine-local file. */
function checkContents(files) {
  const stray = files.filter(
    path =>
      !/^(dist\/.+\.(js|d\.ts)(\.map)?|dist\/.+\.sql|dist\/cli\/project\/template\/.+\.txt|dist\/serving\/monitor\/page\/\w+\.(html|css|svg)|docs\/(decisions\/)?[\w-]+\.md|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(
        path,
      ),
  )
  if (stray.length > 0) problems.push(`contents: not to be published: ${stray.join(', ')}.`)
  const assets = readdirSync(join(root, 'src'), { recursive: true }).filter(path =>
    /\.(sql|html|css|svg|txt)$/.test(String(path)),
  )
  const built = ['index.js', 'index.d.ts', 'cli/main.js', 'serving/monitor/page/main.js'].map(path => `dist/${path}`)
  const documents = readdirSync(join(root, 'docs'), { recursive: true }).filter(path => String(path).endsWith('.md'))
  const expected = [
    ...['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', ...built],
    ...documents.map(file => `docs/${String(file).replaceAll('\\', '/')}`),
  ]
  for (const path of [...expected, ...assets.map(file => `dist/${String(file).replaceAll('\\', '/')}`)]) {
    if (!files.includes(path)) problems.push(`contents: ${path} is missing.`)
  }
}

/** Whoever reads the documents of an installed package can follow their links. Pictures are left out: the texts do without them. */
function checkLinks(files) {
  for (const document of files.filter(path => path.endsWith('.md'))) {
    const text = readFileSync(join(root, document), 'utf8')
    for (const [, target] of text.matchAll(/(?<!!\[[^\]]*)\]\((?!https?:|#)([^)#\s]+)/g)) {
      const path = posix.join(posix.dirname(document), target)
      if (!files.some(file => file === path || file.startsWith(`${path}/`))) {
        problems.push(`links: ${document} leads to ${target}, which is not published.`)
      }
    }
  }
}

const packed = mkdtempSync(join(tmpdir(), 'advancer-package-'))
try {
  run('build', 'npm', ['run', '--silent', 'build'])
  if (problems.length === 0) {
    checkExports()
    const modules = checkRootImports()
    checkOptionalPeers()
    const report = run('pack', 'npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', packed])
    const [{ filename, files, size }] = report === '' ? [{ files: [] }] : JSON.parse(report)
    if (filename !== undefined) {
      const tarball = join(packed, filename)
      const paths = files.map(({ path }) => path)
      checkContents(paths)
      checkLinks(paths)
      run('publint', bin('publint'), ['run', tarball, '--strict'])
      run('attw', bin('attw'), [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'])
    }
    if (problems.length === 0) {
      console.log(
        `The package holds: ${files.length} files, ${size} bytes packed, ${modules} modules behind the root import.`,
      )
    }
  }
} finally {
  rmSync(packed, { recursive: true, force: true })
}

if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exit(1)
}
