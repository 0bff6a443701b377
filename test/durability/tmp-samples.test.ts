import { it, expect } from 'vitest'
import { ended, linear, fanOut, loop, approval, nested, timed, Draft, everythingOf } from './recorded-runs.js'
for (const [name, make, input] of [['linear', linear, 1], ['fanOut', fanOut, 1], ['loop', loop, 0], ['approval', approval, Draft.of('T')], ['nested', nested, 1], ['timed', timed, 5]] as const) {
  it(name, async () => {
    const k = await ended((make as any)(), input, {}, name === 'timed' ? 'silent' : 'approve')
    console.log(name, k.status, k.output, (await k.store.read('run')).length)
    if (name === 'timed' || name==='fanOut') for (const e of await k.store.read('run')) console.log(e.at, e.data)
    const before = await everythingOf(k.store)
    expect(await k.journal.recheck('run')).toBeUndefined()
    expect(await everythingOf(k.store)).toEqual(before)
  })
}
