// The orchestrations that are measured. Their states do nothing, asynchronously.
import { CollectRunnable, Orchestration, OrchestrationAdvancer, OrchestrationRunnable, sendTo } from 'advancer'
import { newCounter } from './counter.mjs'

class Noop extends OrchestrationRunnable {
  async invoke(value) {
    return value
  }
}

class NewCounter extends OrchestrationRunnable {
  async invoke(counter) {
    return newCounter(counter.count + 1)
  }
}

class Bench extends Orchestration {
  constructor(initial, ...others) {
    super()
    this.initialRunnable = initial
    this.register(...others)
    this.configure({ maxSteps: Infinity })
  }
}

/** `length` states, one after the other. */
export function chain(length, create = () => new Noop()) {
  const states = Array.from({ length }, (_, index) => create().configure({ name: `state ${index}` }))
  for (const [index, state] of states.entries()) if (index > 0) states[index - 1].addAdvancer(state)
  return new Bench(states[0])
}

/** A chain whose states make, and declare, a class with three validated fields. */
export function validatedChain(length, declared) {
  return chain(length, () => new NewCounter().configure({ input: declared, output: declared }))
}

/** Two states, one after the other, until `steps` are done. The value says how many are left. */
export function loop(steps, atStep) {
  class Down extends OrchestrationRunnable {
    async invoke(left) {
      atStep?.(steps - left)
      return left - 1
    }
  }
  const first = new Down().configure({ name: 'first', allowDeadEnd: true })
  const second = new Down().configure({ name: 'second' })
  const last = new Noop().configure({ name: 'last' })
  const left = value => value > 0
  first.addAdvancer(left, second).addAdvancer(last)
  second.addAdvancer(left, first).addAdvancer(last)
  return { orchestration: new Bench(first), input: steps - 1 }
}

/** One state fans out to `width` branches of one state each, and a join takes them up. */
export function fanOut(width) {
  const branch = new Noop().configure({ name: 'branch' })
  const join = new CollectRunnable().configure({ name: 'join' })
  branch.addAdvancer(join)
  class Spread extends OrchestrationAdvancer {
    getNextRunnable() {
      const targets = []
      for (let index = 0; index < width; index++) targets.push(sendTo(branch, index))
      return targets
    }
  }
  const fork = new Noop().configure({ name: 'fork' })
  return new Bench(fork.setAdvancer(new Spread()), branch)
}

/** A chain whose state in the middle waits for a promise. */
export function parkedChain(length, until) {
  class Parked extends OrchestrationRunnable {
    async invoke(value) {
      await until
      return value
    }
  }
  let made = 0
  return chain(length, () => (made++ === length >> 1 ? new Parked() : new Noop()))
}
