import type { JournalStore } from '../durability/index.js'
import { runBusy } from '../durability/internal.js'

/** A store as one run sees it, until that is given up: then it hears and writes nothing more, and whoever likes may have the run. */
export interface LeasedStore {
  readonly store: JournalStore
  readonly giveUp: () => void
}

/** A paused run would go on listening for answers, and be in the way of whoever takes it up. */
export function leasedStore(store: JournalStore): LeasedStore {
  let isGivenUp = false
  const own: Partial<JournalStore> = {
    claim: async runId => !isGivenUp && store.claim(runId),
    append: async (runId, ...given) => {
      if (isGivenUp) throw runBusy(runId)
      return store.append(runId, ...given)
    },
    saveSnapshot: async (...given) => {
      if (!isGivenUp) await store.saveSnapshot(...given)
    },
    watch: (runId, listener) => store.watch(runId, () => !isGivenUp && listener()),
    begin: (...given) => store.begin.apply(leased, given),
    takeUp: (...given) => store.takeUp.apply(leased, given),
  }
  const leased = new Proxy(store, {
    get(target, key) {
      const value: unknown = Reflect.get(own, key) ?? Reflect.get(target, key, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return {
    store: leased,
    giveUp: () => {
      isGivenUp = true
    },
  }
}
