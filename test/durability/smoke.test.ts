import { describe, expect, it } from 'vitest'
import { ApprovalRunnable, Approved, Orchestration, OrchestrationRunnable, SubOrchestrationRunnable, sendTo, OrchestrationAdvancer, type OrchestrationEvent } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'

const calls: string[] = []
class Add extends OrchestrationRunnable<number, number> {
  constructor(readonly label: string) { super(); this.configure({ name: label }) }
  async invoke(n: number) { calls.push(this.label); await new Promise(r => setImmediate(r)); return n + 1 }
}
class Three extends OrchestrationAdvancer<number, number> {
  getNextRunnable(n: number) { return [1, 2, 3].map(i => sendTo('W', n * i)) }
}
class Inner extends Orchestration<number, number> {
  constructor() { super(); const a = new Add('I1').addAdvancer('Ask2'); const ask = new ApprovalRunnable<number>().configure({name:'Ask2'}).addAdvancer(o => o instanceof Approved, 'I2', o => o.subject); this.initialRunnable = a; this.register(ask, new Add('I2')) }
}
class M extends Orchestration<number, number[]> {
  constructor() {
    super()
    const start = new Add('A').setAdvancer(new Three())
    this.initialRunnable = start
    const w = new Add('W').addAdvancer('J')
    const sub = new SubOrchestrationRunnable(new Inner()).configure({ name: 'Sub' }).addAdvancer('Z')
    this.register(w, new Gather().addAdvancer('Sub'), sub, new End())
  }
}
import { JoinRunnable } from '../../src/core/index.js'
class Gather extends JoinRunnable<number, number> { constructor() { super(); this.configure({ name: 'J' }) } join(xs: readonly number[]) { calls.push('J'); return xs.reduce((a, b) => a + b, 0) } }
class End extends OrchestrationRunnable<number, number[]> { constructor() { super(); this.configure({ name: 'Z' }) } invoke(n: number) { calls.push('Z'); return [n] } }

describe('smoke', () => {
  it('runs, is observed, and goes on in another process', async () => {
    const store = new MemoryJournalStore()
    const m = new M()
    const run = m.start(1, { store, runId: 'r1' })
    const live: OrchestrationEvent[] = []
    run.events$.subscribe(e => live.push(e))
    const seen: OrchestrationEvent[] = []
    run.result.catch(e => console.log('run', e.message))
    await new Promise(r => setTimeout(r, 10))
    m.observe('r1', { store: store.reopen() }).subscribe({ next: e => seen.push(e), error: e => console.log('obs', e) })
    await new Promise(r => setTimeout(r, 100))
    console.log(live.map(e => `${e.seq} ${e.type} ${'stateName' in e ? e.stateName : ''} ${e.path ?? ''}`).join('\n'), run.status, calls.join(' '), (await store.get('r1')))
    expect(run.requests.length).toBe(1)
    expect((await store.requests()).requests).toHaveLength(1)
    // another process
    const other = store.reopen()
    await expect(new M().resume('r1', { store: other })).rejects.toMatchObject({ code: 'RUN_BUSY' })
    await store.close()
    const third = store.reopen()
    const again = await new M().resume('r1', { store: third })
    again.events$.subscribe(e => live.push(e))
    await new Promise(r => setTimeout(r, 50))
    expect(again.requests.length).toBe(1)
    await again.approve('Ask2')
    console.log(await again.result, calls.join(' '))
    await new Promise(r => setTimeout(r, 50))
    const all: OrchestrationEvent[] = []
    await new Promise<void>(resolve => new M().observe('r1', { store: third }).subscribe({ next: e => all.push(e), complete: resolve, error: e => { console.log(e); resolve() } }))
    console.log(all.map(e => `${e.seq} ${e.type} ${e.path ?? ''}`).join('\n'))
    expect(all.map(e => e.seq)).toEqual(all.map((_, i) => i))
    expect(live.map(e => [e.seq, e.type])).toEqual(all.map(e => [e.seq, e.type]))
    for (const e of await third.read('r1')) console.log(e.seq, e.data)
  })
})
