import type { TypeRef } from '../schema/index.js'
import type { BaseGraphState, StateClassOf } from './base-graph-state.js'
import { StateCopies } from './state-copies.js'

/**
 * The SHA-256, in hexadecimal, of a state and of the hash before it: of `parentHash`, a line break, and the state as JSON with sorted
 * keys, without its hashes, latencies and usage, and without what is undefined. An orchestrator with `hash: true` puts it into `stateHash` after each stage and
 * after each group, so that a list of states can be checked for gaps and changes.
 *
 * @param classes classes of values in the state that `@Type` does not name
 */
export function hashOfState(
  state: BaseGraphState,
  parentHash = state.parentHash,
  classes: readonly TypeRef[] = [],
): Promise<string> {
  return chainedHash(new StateCopies(state.constructor as StateClassOf<BaseGraphState>, classes), state, parentHash)
}

const leftOut: ReadonlySet<string> = new Set(['stateHash', 'parentHash', 'latencies', 'usage'])

/** {@link hashOfState} with what copies the states of a run. */
export async function chainedHash<S extends BaseGraphState>(
  copies: StateCopies<S>,
  state: BaseGraphState,
  parentHash: string | undefined,
): Promise<string> {
  const content = Object.entries(state).filter(([key, value]) => !leftOut.has(key) && value !== undefined)
  const bytes = new TextEncoder().encode(`${parentHash ?? ''}\n${copies.text(Object.fromEntries(content))}`)
  const digest = await globalThis.crypto.subtle.digest('SHA-256', bytes)
  return [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('')
}
