// The same shapes as in machines.mjs in plain asynchronous code: what everything is compared with.
import { newCounter } from './counter.mjs'

const noop = async value => value
const create = async counter => newCounter(counter.count + 1)

export async function plainChain(length, work = noop, value = 1) {
  let current = value
  for (let index = 0; index < length; index++) current = await work(current)
  return current
}

export const plainValidatedChain = length => plainChain(length, create, newCounter(0))

export async function plainFanOut(width) {
  await noop(0)
  const indices = Array.from({ length: width }, (_, index) => index)
  return noop(await Promise.all(indices.map(index => noop(index))))
}

export const plainConcurrent = (runs, length) => Promise.all(Array.from({ length: runs }, () => plainChain(length)))
