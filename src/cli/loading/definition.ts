import type { HostedOrchestration } from '../../durability/index.js'
import type { ExecutionPlan } from '../../plan/index.js'
import type { Topology } from '../../topology/index.js'
import type { Workflow } from '../../workflow/index.js'
import type { ModuleExports } from './load-module.js'

/** A definition as it was found in a file. */
export type Definition = { readonly file: string } & (
  | { readonly kind: 'module'; readonly orchestration: HostedOrchestration; readonly exports: ModuleExports }
  | { readonly kind: 'workflow'; readonly workflow: Workflow }
  | { readonly kind: 'plan'; readonly plan: ExecutionPlan }
  | { readonly kind: 'topology'; readonly topology: Topology }
)

/** What JSON may be. */
export type JsonKind = Exclude<Definition['kind'], 'module'>

/** The names of the kinds of JSON. */
export const jsonKinds: readonly JsonKind[] = ['workflow', 'plan', 'topology']

/**
 * What a JSON definition is: a plan has `steps`; a topology has rules, a pattern, or nodes that are texts or have neither an id nor a
 * type of a workflow's node; anything else is a workflow.
 */
export function kindOfJson(json: unknown): JsonKind {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return 'workflow'
  const given = json as Readonly<Record<string, unknown>>
  if ('steps' in given || 'plan_id' in given || 'planId' in given) return 'plan'
  if ('rules' in given || 'pattern' in given) return 'topology'
  const { nodes, edges } = given
  const isOfTopology = (item: unknown): boolean => {
    if (typeof item === 'string') return true
    return typeof item === 'object' && item !== null && 'name' in item && !('id' in item)
  }
  if (Array.isArray(nodes) && nodes.length > 0) return nodes.every(isOfTopology) ? 'topology' : 'workflow'
  if (nodes === undefined && Array.isArray(edges) && edges.some(edge => typeof edge === 'string')) return 'topology'
  return 'workflow'
}
