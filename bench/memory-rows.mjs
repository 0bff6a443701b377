// What runs hold while they wait, and what a long run leaves behind. Needs --expose-gc.
import { setImmediate as turn } from 'node:timers/promises'
import { loop, parkedChain } from './machines.mjs'
import { plainChain } from './plain.mjs'
import { median, spread } from './sampling.mjs'

const runs = 1000
const length = 10

/** Bytes in use once everything that can go has gone. */
async function settledHeap() {
  for (let round = 0; round < 3; round++) {
    await turn()
    globalThis.gc()
  }
  return process.memoryUsage().heapUsed
}

/** The bytes each of `runs` holds while all of them wait. */
async function bytesWhileParked(start) {
  let release
  const until = new Promise(resolve => (release = resolve))
  const startOne = start(until)
  const held = new Array(runs)
  const before = await settledHeap()
  for (let run = 0; run < runs; run++) held[run] = startOne()
  const after = await settledHeap()
  release()
  await Promise.all(held)
  return (after - before) / runs
}

function parkedRun(until) {
  const machine = parkedChain(length, until)
  // Compiled before anything is counted.
  void machine.graph
  return () => machine.run(1)
}

function plainParkedRun(until) {
  let at = 0
  const work = async value => {
    if (at++ % length === length >> 1) await until
    return value
  }
  return () => plainChain(length, work)
}

const parkedRow = {
  id: 'parked-1000',
  title: '1,000 runs of 10, all waiting',
  unit: 'bytes/run',
  target: 3 * 1024,
  async measure() {
    const subject = []
    const plain = []
    for (let repetition = 0; repetition < 9; repetition++) {
      subject.push(await bytesWhileParked(parkedRun))
      plain.push(await bytesWhileParked(plainParkedRun))
    }
    // The first ones pay for what is made once.
    subject.splice(0, 2)
    plain.splice(0, 2)
    const value = median(subject)
    const held = median(plain)
    return { value, plain: held, ratio: value / held, spread: spread(subject), plainSpread: spread(plain) }
  },
}

/** The heap at two moments of one long run. Garbage is collected inside a state, where the run holds all it ever holds. */
async function growth(steps, from) {
  let early = 0
  let late = 0
  const { orchestration, input } = loop(steps, step => {
    if (step !== from && step !== steps - 1) return
    globalThis.gc()
    const { heapUsed } = process.memoryUsage()
    if (step === from) early = heapUsed
    else late = heapUsed
  })
  await orchestration.run(input)
  return late - early
}

const growthRow = {
  id: 'heap-growth',
  title: 'heap growth over 100,000 steps of one run',
  unit: 'bytes',
  // Room for what the compiler and the allocator do meanwhile: a third of a byte for each step.
  target: 32 * 1024,
  async measure() {
    await growth(20_000, 1000)
    const values = []
    for (let repetition = 0; repetition < 7; repetition++) values.push(await growth(110_000, 10_000))
    return { value: median(values) }
  },
}

const growthOfRunsRow = {
  id: 'heap-growth-runs',
  title: 'heap growth over 10,000 runs of 10',
  unit: 'bytes',
  target: 32 * 1024,
  async measure() {
    const machine = parkedChain(length, Promise.resolve())
    const many = async () => {
      for (let run = 0; run < 10_000; run++) await machine.run(1)
    }
    await many()
    const values = []
    for (let repetition = 0; repetition < 7; repetition++) {
      const before = await settledHeap()
      await many()
      values.push((await settledHeap()) - before)
    }
    return { value: median(values) }
  },
}

export const memoryRows = [parkedRow, growthRow, growthOfRunsRow]
