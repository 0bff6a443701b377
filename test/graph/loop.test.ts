import { describe, expect, it } from 'vitest'
import type { Orchestration, OrchestrationEvent } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { sequence, state } from '../../src/graph/index.js'
import { LoopRunnable, type LoopRunnableOptions, parseCondition } from '../../src/graph/internal.js'
import { ManualClock } from '../../src/testing/index.js'
import { rejection } from '../core/machines.js'

const double = (): Orchestration<number, number> => sequence([state('double', (n: number) => n * 2)])

const around = <TIn, TItem, TTurn, TResult>(
  options: LoopRunnableOptions<TIn, TItem, TTurn, TResult>,
): Orchestration<TIn, unknown> => sequence([new LoopRunnable(options)]) as unknown as Orchestration<TIn, unknown>

const root = (error: unknown): unknown => {
  let at = error
  while (at instanceof Error && at.cause instanceof Error) at = at.cause
  return at
}

describe('S3-15 a loop for each item', () => {
  it('S2-42 does the items one after the other and has the results in their order', async () => {
    const seen: unknown[] = []
    const loop = around<readonly number[], number, number, number>({
      name: 'Each',
      body: double(),
      items: items => items,
      inputOf: ({ item, index, last, results }) => {
        seen.push([index, item, last, results])
        return item as number
      },
    })
    expect(await loop.run([3, 1, 2])).toEqual({ results: [6, 2, 4], errors: [], iterations: 3, exhausted: false })
    expect(seen).toEqual([
      [0, 3, undefined, []],
      [1, 1, 6, [6]],
      [2, 2, 2, [6, 2]],
    ])
    expect(await loop.run([])).toEqual({ results: [], errors: [], iterations: 0, exhausted: false })
  })

  it('S2-42 fails before its first turn if there are more items than maxIterations, or does the first ones', async () => {
    let turns = 0
    const body = sequence([state('count', (n: number) => (turns++, n))])
    const options = { name: 'Each', body, items: (n: number) => Array.from({ length: n }, (_, i) => i) }
    const inputOf = ({ item }: { readonly item: number | undefined }): number => item ?? -1
    expect(root(await rejection(around({ ...options, inputOf }).run(101)))).toMatchObject({
      code: 'NEVER_COMPLETES',
      message: expect.stringMatching(
        /Loop "Each" has 101 items, but may take only 100 turns\. Raise maxIterations/,
      ) as string,
    })
    expect(turns).toBe(0)
    for (const concurrency of [undefined, 2]) {
      const some = { ...options, inputOf, maxIterations: 3, onExhausted: 'proceed' as const }
      const loop = concurrency === undefined ? around(some) : around({ ...some, concurrency })
      expect(await loop.run(5)).toEqual({ results: [0, 1, 2], errors: [], iterations: 3, exhausted: true })
      expect(await loop.run(3)).toMatchObject({ iterations: 3, exhausted: false })
    }
  })

  it('S3-15 keeps the error of a turn and goes on, or fails', async () => {
    const body = (): Orchestration<number, number> =>
      sequence([
        state('odd', (n: number) => {
          if (n % 2 === 0) throw new RangeError(`${n} is even`)
          return n
        }),
      ])
    const options = {
      name: 'Each',
      items: (n: readonly number[]) => n,
      inputOf: ({ item }: { item: number | undefined }) => item ?? 0,
    }
    const errors = [{ index: 1, name: 'RangeError', message: '2 is even' }]
    for (const concurrency of [undefined, 1, 2, 5]) {
      const loop = (onError?: 'collect'): Orchestration<readonly number[], unknown> =>
        concurrency === undefined
          ? around({ ...options, body: body(), onError })
          : around({ ...options, body: body(), onError, concurrency })
      expect(await loop('collect').run([1, 2, 3])).toEqual({
        results: [1, null, 3],
        errors,
        iterations: 3,
        exhausted: false,
      })
      expect(root(await rejection(loop().run([1, 2, 3])))).toMatchObject({ message: '2 is even' })
    }
  })

  it('S3-15 has several items under way at once, never more than it was given, and their results in order', async () => {
    const clock = new ManualClock()
    let atWork = 0
    let most = 0
    const body = sequence([
      state('wait', async (ms: number, context) => {
        most = Math.max(most, ++atWork)
        await context.sleep(ms)
        atWork--
        return ms
      }),
    ])
    const loop = around({
      name: 'Each',
      body,
      items: (n: readonly number[]) => n,
      inputOf: ({ item }) => item ?? 0,
      concurrency: 2,
    })
    const run = loop.start([500, 100, 300, 200, 400], { clock })
    await clock.advance(5000)
    expect(await run.result).toEqual({
      results: [500, 100, 300, 200, 400],
      errors: [],
      iterations: 5,
      exhausted: false,
    })
    expect(most).toBe(2)
    expect(await loop.run([])).toMatchObject({ iterations: 0 })
  })
})

describe('S3-16 S2-09 a loop with a condition', () => {
  it('S3-16 asks `while` before each turn, also the first', async () => {
    const condition = parseCondition('n < 20')
    const loop = around<number, never, number, number>({
      name: 'While',
      body: double(),
      while: ({ input, last }) => condition.evaluate({ n: last ?? input }).value,
      inputOf: ({ input, last }) => last ?? input,
    })
    expect(await loop.run(3)).toEqual({ results: [6, 12, 24], errors: [], iterations: 3, exhausted: false })
    expect(await loop.run(30)).toMatchObject({ iterations: 0, results: [] })
  })

  it('S2-09 asks `until` after each turn', async () => {
    const asked: unknown[] = []
    const loop = around<number, never, number, number>({
      name: 'Until',
      body: double(),
      until: async ({ index, last, results }, context) => {
        context.emit({ type: 'custom', name: 'asked', data: index })
        asked.push([index, last, [...results]])
        return (last ?? 0) > 20
      },
      inputOf: ({ input, last }) => last ?? input,
    })
    expect(await loop.run(30)).toMatchObject({ results: [60] })
    expect(await loop.run(6)).toMatchObject({ results: [12, 24] })
    expect(asked).toEqual([
      [0, 60, [60]],
      [0, 12, [12]],
      [1, 24, [12, 24]],
    ])
  })

  it('S2-09 ends a loop over items early', async () => {
    const loop = around({
      name: 'First',
      body: double(),
      items: (n: readonly number[]) => n,
      inputOf: ({ item }) => item ?? 0,
      until: ({ last }) => last === 4,
    })
    expect(await loop.run([1, 2, 3])).toMatchObject({ results: [2, 4], iterations: 2 })
  })

  it('S3-16 S2-42 never goes on for ever: 100 turns unless it is told otherwise', async () => {
    const options = { name: 'Endless', body: double(), inputOf: () => 1 }
    const error = root(await rejection(around({ ...options, while: () => true }).run(1)))
    expect(error).toMatchObject({
      code: 'NEVER_COMPLETES',
      message: expect.stringMatching(/Loop "Endless" is not done after 100 turns.*onExhausted: 'proceed'/) as string,
    })
    const most = around({ ...options, until: () => false, maxIterations: 2000, onExhausted: 'proceed' })
    expect(await most.run(1)).toMatchObject({ iterations: 2000, exhausted: true })
    let left = 3
    const exact = around({ ...options, while: () => left-- > 0, maxIterations: 3 })
    expect(await exact.run(1)).toMatchObject({ iterations: 3, exhausted: false })
  })
})

describe('S3-15 S3-16 a loop is a part of its run', () => {
  it('has its events in the outer stream, under its path', async () => {
    const loop = around({
      name: 'Each',
      body: double(),
      items: (n: readonly number[]) => n,
      inputOf: ({ item }) => item ?? 0,
    })
    const events: OrchestrationEvent[] = []
    const run = loop.start([1, 2])
    run.events$.subscribe(event => events.push(event))
    await run.result
    const doubled = events.filter(event => event.type === 'state.completed' && event.stateName === 'double')
    expect(doubled.map(({ path }) => path)).toEqual([
      ['Each', 'turn'],
      ['Each', 'turn'],
    ])
    expect(new Set(doubled.map(({ innerRunId }) => innerRunId)).size).toBe(2)
  })

  it('has identities that do not depend on timing', async () => {
    const tokens = async (waits: readonly number[]): Promise<readonly string[]> => {
      const clock = new ManualClock()
      const seen: string[] = []
      const body = sequence([
        state('wait', async (index: number, context) => {
          seen.push(`${index} ${context.idempotencyKey}`)
          await context.sleep(waits[index] ?? 1)
          return index
        }),
      ])
      const loop = around({
        name: 'Each',
        body,
        items: () => [0, 1, 2, 3, 4],
        inputOf: ({ index }) => index,
        concurrency: 2,
      })
      const run = loop.start(0, { clock, runId: 'r' })
      await clock.advance(5000)
      await run.result
      return seen.sort()
    }
    expect(await tokens([9, 1, 1, 1, 1])).toEqual(await tokens([1, 9, 9, 9, 1]))
  })

  it('is cancelled with its run', async () => {
    const body = sequence([state('wait', (_: number, context) => context.sleep(60_000).then(() => 1))])
    const run = around({ name: 'Each', body, while: () => true, inputOf: () => 1 }).start(1)
    await new Promise<void>(resolve =>
      run.events$.subscribe(e => e.type === 'state.started' && e.stateName === 'wait' && resolve()),
    )
    run.cancel('enough')
    expect(await rejection(run.result)).toMatchObject({ code: 'RUN_CANCELLED' })
  })

  /** A loop over items that notes what it does and comes to a stop at the item 3 while the gate is closed. */
  const durable = (
    log: number[],
    gate: () => Promise<void>,
    concurrency?: number,
  ): Orchestration<readonly number[], unknown> => {
    const body = sequence([
      state('work', async (n: number) => {
        if (n === 3) await gate()
        log.push(n)
        return n * 2
      }),
    ])
    const options = {
      name: 'Each',
      body,
      items: (n: readonly number[]) => n,
      inputOf: ({ item }: { item: number | undefined }) => item ?? 0,
    }
    return concurrency === undefined ? around(options) : around({ ...options, concurrency })
  }
  const everything = { results: [2, 4, 6, 8], errors: [], iterations: 4, exhausted: false }

  it.each([undefined, 2])('S3-15 goes on after a crash in a fresh definition, concurrency %s', async concurrency => {
    const store = new MemoryJournalStore()
    const before: number[] = []
    let arrive = (): void => undefined
    const arrived = new Promise<void>(resolve => (arrive = resolve))
    const stay = (): Promise<void> => (arrive(), new Promise(() => undefined))
    const run = durable(before, stay, concurrency).start([1, 2, 3, 4], { runId: 'r', store })
    run.result.catch(() => undefined)
    await arrived
    await new ManualClock().advance(0)
    await new ManualClock().advance(0)
    await store.close()

    const after: number[] = []
    const again = await durable(after, () => Promise.resolve(), concurrency).resume('r', { store: store.reopen() })
    expect(await again.result).toEqual(everything)
    expect(before).not.toContain(3)
    expect([...before, ...after].sort((a, b) => a - b)).toEqual([1, 2, 3, 4])
  })

  it('S3-16 is paused in the middle and resumed in a fresh definition', async () => {
    const store = new MemoryJournalStore()
    const before: number[] = []
    const run = durable(before, () => Promise.resolve()).start([1, 2, 3, 4], { runId: 'r', store })
    await new Promise<void>(resolve => {
      run.events$.subscribe(event => {
        if (
          event.type === 'state.started' &&
          event.stateName === 'work' &&
          event.token !== undefined &&
          before.length === 1
        ) {
          void run.pause().then(resolve)
        }
      })
    })
    expect(run.status).toBe('paused')
    expect(before).toEqual([1, 2])
    await store.close()
    const after: number[] = []
    const again = await durable(after, () => Promise.resolve()).resume('r', { store: store.reopen() })
    expect(await again.result).toEqual(everything)
    expect(after).toEqual([3, 4])
  })

  it('S3-16 costs the journal as much in the last turn as in the first', async () => {
    const written = async (turns: number): Promise<number> => {
      const store = new MemoryJournalStore()
      const body = sequence([state('say', (n: number) => 'x'.repeat(1000) + String(n).padStart(4, '0'))])
      const loop = around({
        name: 'Long',
        body,
        while: ({ index }) => index < turns,
        inputOf: ({ index }) => index,
        maxIterations: 400,
      })
      await loop.run(0, { runId: 'r', store })
      const entries = await store.read('r')
      return JSON.stringify(entries).length
    }
    const [few, many] = [await written(50), await written(200)]
    expect(many / few).toBeLessThan(4.5)
  })
})

describe('a loop that cannot be', () => {
  const body = double()
  const inputOf = (): number => 1
  const more = (): boolean => true
  it.each([
    [{ name: '', body, inputOf, while: more }, /`name`/],
    [{ name: 'L', body: {}, inputOf, while: more }, /`body`/],
    [{ name: 'L', body, while: more }, /`inputOf`/],
    [{ name: 'L', body, inputOf }, /something that ends it/],
    [{ name: 'L', body, inputOf, while: true }, /`while`/],
    [{ name: 'L', body, inputOf, while: more, maxIterations: 0 }, /`maxIterations`/],
    [{ name: 'L', body, inputOf, while: more, onExhausted: 'stop' }, /`onExhausted`/],
    [{ name: 'L', body, inputOf, while: more, onError: 'ignore' }, /`onError`/],
    [{ name: 'L', body, inputOf, while: more, concurrency: 2 }, /`concurrency`/],
    [{ name: 'L', body, inputOf, items: () => [], concurrency: 0 }, /`concurrency`/],
  ])('is refused where it is made: %#', (options, message) => {
    expect(() => new LoopRunnable(options as never)).toThrow(message)
  })

  it('says that items are no array', async () => {
    const loop = around({ name: 'Each', body: double(), items: () => 'abc' as never, inputOf })
    expect(root(await rejection(loop.run(1)))).toMatchObject({
      code: 'PAYLOAD_INVALID',
      message: expect.stringContaining('"Each"') as string,
    })
  })
})
