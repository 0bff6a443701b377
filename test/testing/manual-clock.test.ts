import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/testing/index.js'

describe('ManualClock', () => {
  it('stands still until it is moved, and starts where it was told to', async () => {
    const clock = new ManualClock(1000)
    expect(clock.now()).toBe(1000)
    await clock.advance(5)
    expect(clock.now()).toBe(1005)
  })

  it('fires what is due in order of time, then of setting, at the time it was due', async () => {
    const clock = new ManualClock()
    const fired: string[] = []
    for (const [name, ms] of [
      ['c', 20],
      ['a', 10],
      ['b', 10],
      ['late', 31],
    ] as const) {
      clock.setTimeout(() => fired.push(`${name}@${clock.now()}`), ms)
    }
    await clock.advance(30)
    expect(fired).toEqual(['a@10', 'b@10', 'c@20'])
    expect(clock.pendingTimers).toBe(1)
  })

  it('fires timers that are set on the way, also those that promises set after a timer', async () => {
    const clock = new ManualClock()
    const sleep = (ms: number) => new Promise<void>(resolve => void clock.setTimeout(resolve, ms))
    const times: number[] = []
    void (async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(10)
        for (let turn = 0; turn < 50; turn++) await Promise.resolve()
        times.push(clock.now())
      }
    })()
    await clock.advance(25)
    expect(times).toEqual([10, 20])
    await clock.advance(5)
    expect(times).toEqual([10, 20, 30])
  })

  it('does not fire what was taken back, and ignores what it does not know', async () => {
    const clock = new ManualClock()
    let fired = false
    clock.clearTimeout(
      clock.setTimeout(() => {
        fired = true
      }, 1),
    )
    clock.clearTimeout(undefined)
    await clock.advance(10)
    expect([fired, clock.pendingTimers]).toEqual([false, 0])
  })

  it('does not go back', async () => {
    await expect(new ManualClock().advance(-1)).rejects.toThrow('A clock cannot go back')
  })
})
