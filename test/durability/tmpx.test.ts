import fc from 'fast-check'
import { it, expect } from 'vitest'
import { build, Schedule } from '../core/reference/build.js'
import { programs } from '../core/reference/plan.js'
import { ended } from './recorded-runs.js'
it('x', async () => {
  let n = 0
  const samples = fc.sample(fc.tuple(programs, fc.nat(), fc.constantFrom('lockstep' as const, 'continuous' as const), fc.constantFrom(1,3,Infinity)), { numRuns: 120, seed: 20261120 })
  for (const [program, seed, scheduling, maxConcurrency] of samples) {
    const make = () => build(program, new Schedule(seed)) as any
    const t0 = performance.now()
    const k = await ended(make(), { text: 'in', passes: [] }, { failure: 'collect', scheduling, maxSteps: 100000, maxConcurrency })
    const t1 = performance.now()
    const found = await k.journal.recheck('run')
    const t2 = performance.now()
    const len = (await k.store.read('run')).length
    if (t2 - t0 > 300 || found) { console.log(n, 'run', t1 - t0, 'recheck', t2 - t1, 'entries', len, found); if (t2-t1 > 3000) { for (const e of (await k.store.read('run')).slice(0,60)) console.log(e.at, e.data.slice(0, 600)); break } }
    n++
  }
}, 100000)
