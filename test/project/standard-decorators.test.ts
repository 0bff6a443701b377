import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../types/standard-decorators/', import.meta.url))
const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url))

it('works with the decorators of the standard as with the older ones of TypeScript', () => {
  const program = ['--tsconfig', `${folder}tsconfig.json`, `${folder}program.ts`]
  const { status, stderr } = spawnSync(process.execPath, [tsx, ...program], { encoding: 'utf8', timeout: 100_000 })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})
