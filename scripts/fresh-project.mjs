// An empty project in a temporary folder, for checks of what users get: the packed package is installed there and used. Commands run in
// process groups of their own, so that all of what was started here ends, and nothing else.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const windows = process.platform === 'win32'
/** After so many seconds a command hangs, also on a slow machine that has much else to do. */
export const patience = 300
const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']

export function locked(name) {
  const version = packages[`node_modules/${name}`]?.version
  if (version === undefined) throw new Error(`package-lock.json has no ${name}.`)
  return version
}

export const isOptional = name => manifest.peerDependenciesMeta?.[name]?.optional === true

export class FreshProject {
  folder
  #running = new Set()

  constructor(prefix) {
    this.folder = mkdtempSync(join(tmpdir(), prefix))
    for (const signal of ['SIGINT', 'SIGTERM']) {
      process.once(signal, () => {
        this.cleanUp()
        process.exit(1)
      })
    }
  }

  write(file, content) {
    const path = join(this.folder, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, undefined, 2))
  }

  bin(name) {
    return join(this.folder, 'node_modules/.bin', name)
  }

  /** Packs the build; resolves with the path of the tarball in the project. */
  async pack() {
    if (!existsSync(join(root, 'dist/index.js'))) throw new Error('There is no build; run `npm run build` first.')
    mkdirSync(join(this.folder, 'packed'))
    const options = ['--json', '--ignore-scripts', '--pack-destination', 'packed']
    const report = await this.run('pack', 'npm', ['pack', root, ...options])
    const [{ filename }] = JSON.parse(report.slice(report.indexOf('[')))
    return `packed/${filename}`
  }

  /** Installs what is named, else what the project's package.json has. */
  async install(label, names = []) {
    await this.run(label, 'npm', ['install', ...names, ...quietly])
  }

  /** Output is shown only when the command fails, so that the summary of the project's own tests stays the last one. */
  run(label, command, args) {
    const started = performance.now()
    return new Promise((done, fail) => {
      let output = ''
      let expired = false
      const child = this.start(command, args)
      child.stdout.on('data', chunk => (output += chunk))
      child.stderr.on('data', chunk => (output += chunk))
      const limit = setTimeout(() => {
        expired = true
        this.kill(child)
      }, patience * 1000)
      child.once('error', fail)
      child.once('close', status => {
        clearTimeout(limit)
        if (status !== 0) {
          const reason = expired ? `did not end within ${patience} s` : `ended with ${status}`
          fail(new Error(`${label} ${reason}:\n${output.trim()}`))
          return
        }
        console.log(`  ${label}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
        done(output)
      })
    })
  }

  /** Starts a command in the project, and does not wait for it. */
  start(command, args, { cwd = this.folder, env = {} } = {}) {
    const how = { cwd, env: { ...environment(), ...env }, shell: windows, detached: !windows }
    const child = spawn(command, args, how)
    this.#running.add(child)
    child.once('close', () => this.#running.delete(child))
    return child
  }

  /** Ends a command at once, with all that it has started: npm and vitest have children of their own. */
  kill(child) {
    if (child.pid === undefined) return
    if (windows) {
      spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'])
      return
    }
    // A shell with job control gives its jobs groups of their own.
    for (const pid of [-child.pid, ...startedBy(child.pid)]) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch (error) {
        if (error.code !== 'ESRCH') throw error
      }
    }
  }

  cleanUp() {
    for (const child of this.#running) this.kill(child)
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** The processes that one has started, and those that these have; none where there is no `ps`. */
function startedBy(pid) {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  const rows = (stdout ?? '').split('\n').map(line => line.trim().split(/\s+/).map(Number))
  const childrenOf = parent => rows.flatMap(([child, of]) => (of === parent ? [child, ...childrenOf(child)] : []))
  return childrenOf(pid)
}

/** The settings of an npm that runs a check would change what the npm in the project does. */
function environment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle|command)|vitest|NODE_OPTIONS|ADVANCER_|DATABASE_URL)/i.test(name),
  )
  return { ...Object.fromEntries(kept), NO_COLOR: '1', CI: '1' }
}
