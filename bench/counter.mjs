// A payload with three validated fields, declared without decorator syntax so that plain node can load it.
import { IsInt, IsNotEmpty, IsPositive } from 'class-validator'

export class Counter {}

for (const [property, ...rules] of [
  ['name', IsNotEmpty()],
  ['count', IsInt()],
  ['limit', IsPositive()],
]) {
  for (const rule of rules) rule(Counter.prototype, property)
}

export function newCounter(count) {
  const counter = new Counter()
  counter.name = 'counter'
  counter.count = count
  counter.limit = 10
  return counter
}
