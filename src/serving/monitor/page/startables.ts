import { ask } from './api.js'
import type { JsonSchema, Startable } from './wire.js'

interface Listed {
  readonly orchestrations?: readonly { readonly name: string; readonly description?: string }[]
  readonly workflows?: readonly { readonly id: string; readonly name: string; readonly description?: string }[]
}

/** Everything that can be started: orchestrations in code, and workflows. */
export async function loadStartables(signal: AbortSignal): Promise<readonly Startable[]> {
  const [{ orchestrations = [] }, workflows] = await Promise.all([
    ask<Listed>('orchestrations', { signal }),
    loadWorkflows(signal),
  ])
  return [...orchestrations.map(each => ({ ...each, kind: 'orchestration', id: each.name }) as const), ...workflows]
}

/** The workflows, the youngest first; none where the server has no routes for them. */
export async function loadWorkflows(signal: AbortSignal): Promise<readonly Startable[]> {
  if (document.documentElement.dataset['workflows'] !== 'true') return []
  const { workflows = [] } = await ask<Listed>('workflows', { query: { limit: 200 }, signal })
  return workflows.map(each => ({ ...each, kind: 'workflow' }) as const)
}

/** What it takes, if it says so. */
export async function inputSchemaOf({ kind, id }: Startable, signal: AbortSignal): Promise<JsonSchema | undefined> {
  if (kind === 'workflow') return undefined
  const { input } = await ask<{ readonly input?: JsonSchema }>(pathOf({ kind, id }), { signal })
  return input
}

/** Starts it. @returns the id of the run @throws Refusal */
export async function start(startable: Startable, input: unknown): Promise<string> {
  const { execution_id: id } = await ask<{ readonly execution_id: string }>(`${pathOf(startable)}/execute`, {
    method: 'POST',
    body: { input },
  })
  return id
}

function pathOf({ kind, id }: Pick<Startable, 'kind' | 'id'>): string {
  return `${kind}s/${encodeURIComponent(id)}`
}
