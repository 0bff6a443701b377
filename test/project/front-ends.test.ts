import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** What only the engine, the policies and the clocks have to do with. */
const own =
  /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|requestAnimationFrame)\(|\bDate\.now|\bnew Date\(\)|\bMath\.random|\bperformance\.now|\.sleep\(/

const files = ['stages', 'topology', 'plan', 'workflow'].flatMap(folder =>
  readdirSync(join('src', folder), { recursive: true }).flatMap(file =>
    String(file).endsWith('.ts') ? [join('src', folder, String(file))] : [],
  ),
)

describe('the front ends compile to the one engine', () => {
  it('and there are some', () => expect(files.length).toBeGreaterThan(200))

  it('so none of them schedules, sleeps, retries, or reads a clock or chance by itself', () => {
    const found = files.filter(file => own.test(readFileSync(file, 'utf8')))
    // A clock for programs that play the past, which is all that its `setTimeout` is.
    expect(found).toEqual([join('src', 'stages', 'runtime', 'backtest-clock.ts')])
  })
})
