import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const project = fileURLToPath(new URL('../..', import.meta.url))

/** Faults to plant, each in folders and files of its own, so that none hides another. */
const planted: Record<string, string> = {
  'errors/planted-value.ts': `import { upward } from '../schema/index.js'\nexport const value = upward`,
  'errors/planted-type.ts': `import type { Upward } from '../schema/index.js'\nexport type Down = Upward`,
  'errors/planted-inline-type.ts': `import { type Upward } from '../schema/index.js'\nexport type Down = Upward`,
  'errors/planted-import-type.ts': `export type Down = import('../schema/index.js').Upward`,
  'errors/planted-reexport.ts': `export * from '../schema/index.js'`,
  'errors/planted-builtin.ts': `export { readFileSync } from 'node:fs'`,
  'errors/planted-undeclared.ts': `export { test } from 'vitest'`,
  'errors/planted-root.ts': `import type { Root } from '../index.js'\nexport type Down = Root`,
  'errors/planted-published-name.ts': `import type { Root } from 'advancer'\nexport type Down = Root`,
  'errors/planted-nowhere.ts': `export * from './does-not-exist.js'`,
  'core/planted-past-door.ts': `import { inside } from '../schema/planted-inside.js'\nexport const value = inside`,
  'core/planted-own-door.ts': `import type { Own } from './index.js'\nexport type Down = Own`,
  'core/planted-testing.ts': `import type { Double } from '../testing/index.js'\nexport type Down = Double`,
  'core/planted-cycle-a.ts': `import { b } from './planted-cycle-b.js'\nexport const a = () => b`,
  'core/planted-cycle-b.ts': `import { a } from './planted-cycle-a.js'\nexport const b = () => a`,
  'core/planted-legal.ts': `import { down } from '../schema/internal.js'\nimport { known } from '../errors/index.js'\nexport const value = [down, known]`,
  'schema/planted-inside.ts': `export const inside = 1`,
  'schema/index.ts': `export const upward = 1\nexport type Upward = number`,
  'schema/internal.ts': `export const down = 1`,
  'errors/index.ts': `export const known = 1`,
  'core/index.ts': `export type Own = number`,
  'testing/index.ts': `export type Double = number`,
  'index.ts': `export type Root = number\nexport * from './schema/internal.js'`,
  'stages/planted-sibling.ts': `import type { Way } from '../topology/index.js'\nexport type Down = Way`,
  'topology/index.ts': `export type Way = number`,
  'topology/planted-sibling.ts': `import type { Step } from '../plan/index.js'\nexport type Down = Step`,
  'plan/index.ts': `export type Step = number`,
  'plan/planted-sibling.ts': `import type { Node } from '../workflow/index.js'\nexport type Down = Node`,
  'workflow/index.ts': `export type Node = number`,
  'workflow/planted-sibling.ts': `import type { Step } from '../plan/index.js'\nexport type Down = Step`,
  'serving/monitor/page/planted.ts': `import type { Upward } from '../../../schema/index.js'\nexport type Down = Upward`,
  'unlisted/planted.ts': `import type { Upward } from '../schema/index.js'\nexport type Down = Upward`,
}

function checkLayers(root: string) {
  const run = spawnSync(process.execPath, [join(project, 'scripts/check-layers.mjs'), root], { encoding: 'utf8' })
  return { status: run.status, output: run.stdout + run.stderr }
}

describe('the check of the import layers', () => {
  let root: string
  let status: number | null
  let output: string

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'advancer-layers-'))
    for (const name of ['src', 'package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
      cpSync(join(project, name), join(root, name), { recursive: true })
    }
    symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'), 'dir')
    for (const [file, text] of Object.entries(planted)) {
      mkdirSync(dirname(join(root, 'src', file)), { recursive: true })
      writeFileSync(join(root, 'src', file), text)
    }
    ;({ status, output } = checkLayers(root))
  })

  afterAll(() => rmSync(root, { recursive: true, force: true }))

  it('fails when a layer is broken', () => expect(status).toBe(1))

  it.each([
    ['a value imported from a higher folder', 'layer-errors', 'errors/planted-value.ts'],
    ['a type imported from a higher folder', 'layer-errors', 'errors/planted-type.ts'],
    ['a type marked inline', 'layer-errors', 'errors/planted-inline-type.ts'],
    ['a type named by import()', 'layer-errors', 'errors/planted-import-type.ts'],
    ['a re-export of a higher folder', 'layer-errors', 'errors/planted-reexport.ts'],
    ['a Node built-in', 'node-built-in', 'errors/planted-builtin.ts'],
    ['a package that users do not have', 'undeclared-package', 'errors/planted-undeclared.ts'],
    ['the root index', 'root-door', 'errors/planted-root.ts'],
    ['the published name', 'root-door', 'errors/planted-published-name.ts'],
    ['an import that leads nowhere', 'unresolvable', 'errors/planted-nowhere.ts'],
    ['a reach past the door of a sibling', 'door', 'core/planted-past-door.ts'],
    ['a file that enters through its own door', 'own-door', 'core/planted-own-door.ts'],
    ['the test doubles used by the product', 'layer-core', 'core/planted-testing.ts'],
    ['a cycle of values', 'cycle', 'core/planted-cycle-a.ts'],
    ['stages that know topologies', 'layer-stages', 'stages/planted-sibling.ts'],
    ['topologies that know plans', 'layer-topology', 'topology/planted-sibling.ts'],
    ['plans that know workflows', 'layer-plan', 'plan/planted-sibling.ts'],
    ['workflows that know plans', 'layer-workflow', 'workflow/planted-sibling.ts'],
    ['a page that needs more than browsers load', 'browser-page', 'serving/monitor/page/planted.ts'],
    ['internal names published by the root index', 'public-door', 'index.ts'],
    ['a folder without a row in the table', 'layer-unknown', 'unlisted/planted.ts'],
  ])('finds %s', (_, rule, file) => expect(output).toContain(`${rule}: src/${file} → `))

  it('lets a lower folder be used through its doors', () => {
    expect(output).not.toContain('core/planted-legal.ts')
  })
})

describe('the check of the import layers on an empty src', () => {
  it('fails instead of passing on nothing', () => {
    const root = mkdtempSync(join(tmpdir(), 'advancer-layers-'))
    try {
      mkdirSync(join(root, 'src'))
      for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
        cpSync(join(project, name), join(root, name))
      }
      expect(checkLayers(root)).toMatchObject({ status: 2 })
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })
})
