// How long `import 'advancer'` takes, compared with the peers that it imports itself; each in a process of its own.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median, spread } from './sampling.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'))

/** The packages that a built module and those it imports load as soon as they are loaded. */
function packagesOf(file, seen = new Set(), packages = new Set()) {
  if (seen.has(file)) return packages
  seen.add(file)
  const source = readFileSync(file, 'utf8')
  for (const [, specifier] of source.matchAll(/^(?:import|export)\b[^'"]*?['"]([^'"]+)['"];?$/gm)) {
    if (specifier.startsWith('.')) packagesOf(resolve(dirname(file), specifier), seen, packages)
    else packages.add(specifier)
  }
  return packages
}

async function importTime(names) {
  const imports = names.map(name => `await import('${name}')`).join('\n')
  const program = `const started = performance.now()\n${imports}\nconsole.log(performance.now() - started)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { cwd: root })
  return Number(stdout)
}

const importRow = {
  id: 'import',
  title: "import 'advancer'",
  unit: 'ms',
  targetRatio: 2,
  async measure() {
    const imported = [...packagesOf(resolve(root, 'dist/index.js'))]
    const peers = Object.keys(manifest.peerDependencies).filter(
      name =>
        !manifest.peerDependenciesMeta?.[name]?.optional &&
        (name !== 'openai' || imported.some(specifier => specifier.split('/')[0] === name)),
    )
    const subject = []
    const plain = []
    for (let repetition = 0; repetition < 15; repetition++) {
      subject.push(await importTime(['advancer']))
      plain.push(await importTime(peers))
    }
    const value = median(subject)
    const ofPeers = median(plain)
    return {
      value,
      plain: ofPeers,
      ratio: value / ofPeers,
      spread: spread(subject),
      plainSpread: spread(plain),
      note: `its peers: ${peers.join(', ')}`,
    }
  },
}

export const importRows = [importRow]
