import { spawnSync } from 'node:child_process'

/** Where a module is no JavaScript, which its error does not tell; empty if the fault is in another one, that this one imports. */
export function placeOfFault(path: string): string {
  const env = { ...process.env, NODE_OPTIONS: '' }
  const { stderr, status } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8', env })
  const [, line, code] = /^.*:(\d+)\r?\n(.*)/.exec(stderr) ?? []
  return status === 0 || line === undefined ? '' : ` (line ${line}: ${String(code).trim().slice(0, 80)})`
}
