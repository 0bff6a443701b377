import { loadWorkflows } from './startables.js'

/** What has the name of a run in it. */
export interface Named {
  readonly orchestration: string
  readonly workflow_id?: string
}

const known = new Map<string, string>()

/** Finds out the names of the workflows that runs are of, unless they are known. */
export async function learnNames(runs: readonly Named[], signal: AbortSignal): Promise<void> {
  const ids = new Set(runs.flatMap(({ workflow_id: id }) => (id === undefined || known.has(id) ? [] : [id])))
  if (ids.size === 0) return
  try {
    for (const { id, name } of await loadWorkflows(signal)) known.set(id, name)
  } catch {
    // They are shown by their ids then.
    return
  }
  // Those that are not there any more need not be asked for again.
  for (const id of ids) if (!known.has(id)) known.set(id, shortId(id))
}

/** What a run is called: as its orchestration, or as its workflow. */
export function nameOf({ orchestration, workflow_id: id }: Named): string {
  return id === undefined ? orchestration : (known.get(id) ?? shortId(id))
}

function shortId(id: string): string {
  return `Workflow ${id.slice(0, 8)}`
}
