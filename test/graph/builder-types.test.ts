import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const root = process.cwd()
mkdirSync(join(root, 'node_modules/.cache'), { recursive: true })
const folder = mkdtempSync(join(root, 'node_modules/.cache/builder-types-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)

/** A program of so many states, each with payload classes of its own; every tenth state has two outcomes. */
function program(states: number, chained: boolean): string {
  const classes = range(states + 1).map(n => `class P${n} { readonly p${n} = ${n} }`)
  const runnables = range(states).map(n => {
    const output = n % 10 === 9 ? `P${n + 1} | P0` : `P${n + 1}`
    return `class S${n} extends OrchestrationRunnable<P${n}, ${output}> { invoke(_: P${n}) { return new P${n + 1}() } }`
  })
  const name = (n: number): string => (n % 10 === 9 ? `routed${n}` : `S${n}`)
  const routes = range(states)
    .filter(n => n % 10 === 9 && n + 1 < states)
    .map(n => `const routed${n} = b.route(S${n}).to(P${n + 1}, S${n + 1}).to(P0, S0).done()`)
  const advances = range(states - 1)
    .filter(n => n % 10 !== 9)
    .map(n => `.advance(S${n}, ${name(n + 1)})`)
  return [
    `import { OrchestrationRunnable } from '${root}/src/core/index.js'`,
    `import { OrchestrationBuilder } from '${root}/src/graph/index.js'`,
    ...classes,
    ...runnables,
    `const b = new OrchestrationBuilder<P0, P${states}>()`,
    ...routes,
    'b.entry(S0)',
    ...(chained ? [`b${advances.join('\n')}`] : advances.map(call => `b${call}`)),
    `b.output(S${states - 1})`,
    'export const built = b.build()',
  ].join('\n')
}

/** Type checks one file and tells what the compiler says of it, and how many types it has put into place of type parameters. */
function check(source: string): { readonly output: string; readonly instantiations: number } {
  const file = join(folder, 'program.ts')
  writeFileSync(file, source)
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { types: [] },
      include: [file],
      files: [file],
    }),
  )
  const compiler = join(root, 'node_modules/typescript-native/bin/tsc')
  const args = [compiler, '-p', folder, '--noEmit', '--extendedDiagnostics']
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const lines = (stdout + stderr).split('\n').filter(line => line.includes('program.ts'))
  return { output: lines.join('\n'), instantiations: Number(/^Instantiations: +(\d+)$/m.exec(stdout)?.[1]) }
}

describe('A builder of 501 states', () => {
  it.each([
    ['in one expression', true],
    ['in statements', false],
  ])('type-checks, with no more work for each state than one of 251 states, %s', (_, chained) => {
    const half = check(program(251, chained))
    const whole = check(program(501, chained))
    expect([half.output, whole.output]).toEqual(['', ''])
    expect(half.instantiations).toBeGreaterThan(50_000)
    expect(whole.instantiations / half.instantiations).toBeLessThan(501 / 251)
  })

  it('has the one wrong pair in it found', () => {
    const { output } = check(program(501, false).replace('b.advance(S250, S251)', 'b.advance(S250, S252)'))
    expect(output.split('\n')).toHaveLength(1)
    expect(output).toContain("'typeof S252' is not assignable")
  })

  it('has the one outcome without a route in it named', () => {
    const { output } = check(program(501, false).replace('.to(P0, S0).done()', '.done()'))
    expect(output.split('\n')).toHaveLength(1)
    expect(output).toContain("The 'this' context of type 'Outlet<P9, P0, P501>'")
  })
})
