import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { ensureError, OrchestrationError } from '../../errors/index.js'
import { ExecutionPlan } from '../../plan/index.js'
import { Topology } from '../../topology/index.js'
import { parseWorkflow } from '../../workflow/index.js'
import { parseJson } from '../arguments/parse-json.js'
import { UsageError } from '../usage-error.js'
import { type Definition, type JsonKind, kindOfJson } from './definition.js'
import { findFile } from './find-file.js'
import { inFile } from './in-file.js'
import { loadModule } from './load-module.js'
import { orchestrationIn } from './orchestrations-in.js'

/** How a definition is found. */
export interface LoadOptions {
  readonly cwd: string
  /** The export of a module. @default see `orchestrationIn` */
  readonly exportName?: string | undefined
  /** What a JSON file is. @default what it looks like */
  readonly kind?: JsonKind | undefined
}

/**
 * Reads a definition: JSON, or a module that exports an orchestration.
 * @throws UsageError if there is no such file, or nothing in it; the errors of the definition, with the file in their messages
 */
export async function loadDefinition(file: string, options: LoadOptions): Promise<Definition> {
  const { cwd, exportName, kind } = options
  const path = await findFile(file, cwd)
  const shown = relative(cwd, path)
  if (/\.[cm]?[jt]sx?$/.test(path)) {
    if (kind !== undefined) throw new UsageError(`--kind is for JSON, but ${shown} is a module. Leave it out.`)
    const exports = await loadModule(path, cwd)
    return { file: path, kind: 'module', orchestration: orchestrationIn(exports, shown, exportName), exports }
  }
  if (!path.endsWith('.json')) {
    throw new UsageError(
      `${shown} is neither JSON nor a module: the name has to end with .json, .js, .mjs, .ts or .mts.`,
    )
  }
  if (exportName !== undefined) throw new UsageError(`--export is for modules, but ${shown} is JSON. Leave it out.`)
  const json = await readJson(path, shown)
  try {
    return { file: path, ...read(kind ?? kindOfJson(json), json) }
  } catch (thrown) {
    throw inFile(shown, thrown)
  }
}

/** The data of a JSON file. @throws WORKFLOW_INVALID with the position for what is no JSON */
export async function readJson(path: string, shown: string): Promise<unknown> {
  const text = await readFile(path, 'utf8')
  try {
    return parseJson(text)
  } catch (thrown) {
    const message = `${shown} is no JSON: ${ensureError(thrown).message}. Correct it there.`
    throw new OrchestrationError(message, { code: 'WORKFLOW_INVALID', cause: thrown })
  }
}

function read(kind: JsonKind, json: unknown): ReadDefinition {
  if (kind === 'plan') return { kind, plan: ExecutionPlan.fromJSON(json) }
  if (kind === 'topology') return { kind, topology: Topology.fromJSON(json) }
  return { kind, workflow: parseWorkflow(json) }
}

type ReadDefinition = DistributiveOmit<Exclude<Definition, { kind: 'module' }>, 'file'>

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
