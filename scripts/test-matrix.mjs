// Runs the tests under the other supported Node lines. Arguments name the lines to run instead.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const lines = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24']
const failed = lines.filter(line => {
  console.log(`\nNode ${line}`)
  const args = ['-y', '-p', `node@${line}`, 'node', 'node_modules/vitest/vitest.mjs', 'run']
  return spawnSync('npx', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' }).status !== 0
})
if (failed.length > 0) {
  console.error(`The tests failed under Node ${failed.join(', ')}.`)
  process.exit(1)
}
