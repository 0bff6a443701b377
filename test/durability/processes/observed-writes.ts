import type { JournalStore } from '../../../src/durability/journal-store.js'

/** What is around a write of a run. */
export type AroundWrite = (runId: string, write: () => Promise<unknown>) => Promise<unknown>

const writes = ['create', 'append', 'saveSnapshot', 'answer'] as const

/** Puts something around everything that a store object writes of runs. */
export function aroundWrites(store: JournalStore, around: AroundWrite): void {
  for (const name of writes) {
    const write = (store[name] as (...args: readonly unknown[]) => Promise<unknown>).bind(store)
    const wrapped = (...args: readonly unknown[]): Promise<unknown> => {
      const [first] = args as readonly (string | { readonly runId: string })[]
      const runId = typeof first === 'string' ? first : (first?.runId ?? '')
      return around(runId, () => write(...args))
    }
    Object.assign(store, { [name]: wrapped })
  }
}
