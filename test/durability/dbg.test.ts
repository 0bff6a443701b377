import { it } from 'vitest'
import { CollectRunnable, type Orchestration, SubOrchestrationRunnable } from '../../src/core/index.js'
import { fork, Machine, pass } from '../core/machines.js'
import { livedThrough } from './lives.js'
function nested(make: any, depth: number): any {
  return (schedule: any) => {
    if (depth === 0) return make(schedule)
    const inner = nested(make, depth - 1)
    const [left, right] = ['Left', 'Right'].map(name =>
      new SubOrchestrationRunnable(inner(schedule)).configure({ name: `${name}${depth}` }).addAdvancer(`Both${depth}`)) as any
    return new Machine<any, any>(fork(`Fork${depth}`, left, right), new CollectRunnable<unknown>().configure({ name: `Both${depth}` }))
  }
}
it('x', async () => {
  const make = nested((s: any) => new Machine<any, any>(pass('A')), 2)
  const r = await livedThrough({ make, input: 1, seed: 0, options: { snapshotEvery: 1 } }, [])
  for (const e of await r.store.reopen().read('run')) { const t = JSON.parse(e.data); console.log(e.seq, JSON.stringify(t.run ?? []), t.facts.map((f: any) => `${f.type} ${f.branch ?? ''}:${f.step ?? ''}`).join(', ')) }
  const show = (e: any) => `${e.seq} ${e.type} ${e.innerRunId ?? ''} ${e.token ?? ''}`
  r.events.forEach((e, i) => console.log(show(e), JSON.stringify(e) === JSON.stringify(r.lives[0]!.events[i]) ? '' : `LIVE ${show(r.lives[0]!.events[i])}`))
  console.log(r.store.commits)
})
