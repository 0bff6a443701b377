// How long a step, a branch and a run take.
import { validateSync } from 'class-validator'
import { Counter, newCounter } from './counter.mjs'
import { chain, fanOut, loop, validatedChain } from './machines.mjs'
import { plainChain, plainConcurrent, plainFanOut, plainValidatedChain } from './plain.mjs'
import { expectRefusal, expectSteps } from './proof.mjs'
import { compare } from './sampling.mjs'

const perStep = 'µs/step'
const perBranch = 'µs/branch'
/** What robot3, a small synchronous state machine, takes for a step: the goal beyond the targets. */
const goal = 0.75

function chainRow(length, name, target, prepare = async () => undefined, machine = chain(length)) {
  return {
    id: `chain-${length}${name === '' ? '' : `-${name.replaceAll(' ', '-')}`}`,
    title: `chain of ${length.toLocaleString('en')}${name === '' ? '' : `, ${name}`}`,
    unit: perStep,
    target,
    ...(name === '' ? { goal } : {}),
    async measure() {
      await prepare(machine)
      const figures = await compare({
        subject: () => machine.run(1),
        baseline: () => plainChain(length),
        units: length,
      })
      await expectSteps(machine, 1, length)
      return figures
    },
  }
}

function loopRow(steps) {
  const { orchestration, input } = loop(steps)
  return {
    id: `loop-${steps}`,
    title: `loop of ${steps.toLocaleString('en')}`,
    unit: perStep,
    target: 2,
    goal,
    async measure() {
      const subject = () => orchestration.run(input)
      const figures = await compare({ subject, baseline: () => plainChain(steps), units: steps })
      await expectSteps(orchestration, input, steps)
      return figures
    },
  }
}

function fanOutRow(width) {
  const orchestration = fanOut(width)
  return {
    id: `fan-out-${width}`,
    title: `1 → ${width.toLocaleString('en')} → join`,
    unit: perBranch,
    target: 3,
    async measure() {
      const subject = () => orchestration.run(0)
      const figures = await compare({ subject, baseline: () => plainFanOut(width), units: width })
      await expectSteps(orchestration, 0, width + 2)
      return figures
    },
  }
}

const listen = machine => machine.events$.subscribe(() => undefined)

/** Once somebody has listened, a run to which nobody listens must cost what it did before. */
async function listenOnce(machine) {
  // Optimised before, because that is what a first listener could undo for good.
  for (let run = 0; run < 200; run++) await machine.run(1)
  const subscription = listen(machine)
  await machine.run(1)
  subscription.unsubscribe()
}

function validatedRow(length) {
  const machine = validatedChain(length, Counter)
  return {
    id: `chain-${length}-validated`,
    title: `chain of ${length.toLocaleString('en')}, input and output validated`,
    unit: perStep,
    target: 8,
    async measure() {
      const subject = () => machine.run(newCounter(0))
      const figures = await compare({ subject, baseline: () => plainValidatedChain(length), units: length })
      await expectSteps(machine, newCounter(0), length)
      await expectRefusal(machine, Object.assign(newCounter(0), { limit: -1 }))
      return figures
    },
  }
}

const validatorAlone = {
  id: 'validator-alone',
  title: 'class-validator alone, one such object',
  unit: 'µs/object',
  async measure() {
    const counter = newCounter(0)
    const subject = async () => {
      for (let index = 0; index < 1000; index++) validateSync(counter)
    }
    return compare({ subject, baseline: () => plainChain(1000), units: 1000 })
  },
}

const concurrentRow = {
  id: 'concurrent-1000',
  title: '1,000 runs of 10 at once',
  unit: perStep,
  measure() {
    const machine = chain(10)
    const subject = () => Promise.all(Array.from({ length: 1000 }, () => machine.run(1)))
    return compare({ subject, baseline: () => plainConcurrent(1000, 10), units: 10_000 })
  },
}

const runRow = {
  id: 'run-1',
  title: 'a run of one state',
  unit: 'µs/run',
  measure() {
    const machine = chain(1)
    return compare({ subject: () => machine.run(1), baseline: () => plainChain(1), units: 1 })
  },
}

export const stepRows = [
  chainRow(10, '', 2),
  chainRow(1000, '', 2),
  loopRow(10_000),
  chainRow(1000, 'after a listener has left', 2, listenOnce),
  chainRow(10, 'with a listener', 3, async machine => listen(machine)),
  chainRow(1000, 'with a listener', 3, async machine => listen(machine)),
  validatedRow(10),
  validatedRow(1000),
  validatorAlone,
  fanOutRow(100),
  fanOutRow(1000),
  concurrentRow,
  runRow,
]
