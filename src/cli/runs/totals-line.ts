import { duration } from '../terminal/times.js'
import type { RunBoard } from './run-board.js'

/** What a run came to: `5 states in 3.4 s, 1,234 tokens, 0.0123 USD`. */
export function totalsLine({ totals }: RunBoard, ms: number): string {
  const { states, tokens, cost } = totals
  return [
    `${states} ${states === 1 ? 'state' : 'states'} in ${duration(ms)}`,
    ...(tokens === 0 ? [] : [`${tokens.toLocaleString('en-US')} tokens`]),
    ...(cost === 0 ? [] : [`${cost.toFixed(4)} USD`]),
  ].join(', ')
}
