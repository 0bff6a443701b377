import { Orchestration } from '../../core/index.js'
import type { HostedOrchestration } from '../../durability/index.js'
import { ensureError, OrchestrationError } from '../../errors/index.js'
import { didYouMean } from '../arguments/nearest-name.js'
import { UsageError } from '../usage-error.js'
import { inFile } from './in-file.js'
import type { ModuleExports } from './load-module.js'

/**
 * The orchestrations that a module exports, by the names of the exports: instances, and classes that need no arguments. What is exported
 * under several names is one orchestration under each of them.
 */
export function orchestrationsIn(exports: ModuleExports, file: string): ReadonlyMap<string, HostedOrchestration> {
  const found = new Map<string, HostedOrchestration>()
  const made = new Map<unknown, HostedOrchestration | undefined>()
  for (const [name, value] of Object.entries(exports)) {
    const orchestration = made.has(value) ? made.get(value) : instanceOf(value, `${file}: "${name}"`)
    made.set(value, orchestration)
    if (orchestration !== undefined) found.set(name, orchestration)
    else if (isForeign(value)) throw foreign(name, file)
  }
  return withoutClassesOf(found, exports)
}

/**
 * The orchestration that is meant: the one of that name, else the default export, else the only one.
 * @throws UsageError if there is none, or it is not clear which
 */
export function orchestrationIn(exports: ModuleExports, file: string, name: string | undefined): HostedOrchestration {
  const found = orchestrationsIn(exports, file)
  const names = [...found.keys()]
  if (name !== undefined) {
    const named = found.get(name)
    if (named !== undefined) return named
    throw new UsageError(`${file} exports no orchestration "${name}". ${didYouMean(name, names)}`)
  }
  const [first] = names
  if (first === undefined) {
    tellFaults(exports, file)
    const all = Object.keys(exports).sort()
    const has = all.length === 0 ? 'nothing' : all.join(', ')
    const needing = all.find(each => isClassOfOrchestration(exports[each]))
    const wayOut =
      needing === undefined
        ? 'Export an instance of it, or its class.'
        : `The constructor of "${needing}" needs arguments: export an instance of it.`
    throw new UsageError(`${file} exports no orchestration, but ${has}. ${wayOut}`)
  }
  if (new Set(found.values()).size === 1 || found.has('default'))
    return (found.get('default') ?? found.get(first)) as HostedOrchestration
  throw new UsageError(`${file} exports several orchestrations. Say which with --export: ${names.join(', ')}.`)
}

function instanceOf(value: unknown, shown: string): HostedOrchestration | undefined {
  if (value instanceof Orchestration) return value as HostedOrchestration
  if (!isClassOfOrchestration(value) || value.length > 0) return undefined
  try {
    return new value()
  } catch (thrown) {
    // An abstract class is no definition; what another one throws is worth knowing.
    if (thrown instanceof TypeError) return undefined
    throw notMade(shown, thrown)
  }
}

function isClassOfOrchestration(value: unknown): value is new () => HostedOrchestration {
  return typeof value === 'function' && value.prototype instanceof Orchestration
}

function notMade(shown: string, thrown: unknown): unknown {
  if (OrchestrationError.isInstance(thrown)) return inFile(shown, thrown)
  return new Error(`${shown} cannot be constructed: ${ensureError(thrown).message}`, { cause: thrown })
}

/** Where there is no orchestration, what was taken for an abstract class may be one with a fault. */
function tellFaults(exports: ModuleExports, file: string): void {
  for (const [name, value] of Object.entries(exports)) {
    if (!isClassOfOrchestration(value) || value.length > 0) continue
    try {
      new value()
    } catch (thrown) {
      throw notMade(`${file}: "${name}"`, thrown)
    }
  }
}

/** A module that exports a class and an instance of it means the instance. */
function withoutClassesOf(
  found: ReadonlyMap<string, HostedOrchestration>,
  exports: ModuleExports,
): ReadonlyMap<string, HostedOrchestration> {
  const instances = [...found].filter(([name]) => typeof exports[name] !== 'function')
  const classes = new Set(instances.map(([, { constructor }]) => constructor))
  return new Map(
    [...found].filter(([name, each]) => typeof exports[name] !== 'function' || !classes.has(each.constructor)),
  )
}

/** Whether it is an orchestration, but of another copy of this package. */
function isForeign(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return ['start', 'stream', 'observe', 'durable', 'graph'].every(name => hasInherited(value, name))
}

function hasInherited(value: object, name: string): boolean {
  // Not by reading it, which may do something.
  for (let at: unknown = value; at !== null && at !== undefined; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at as object, name)) return true
  }
  return false
}

function foreign(name: string, file: string): UsageError {
  return new UsageError(
    `${file} was made with another copy of advancer than this command belongs to, so its "${name}" cannot be used here. ` +
      'Run the command of the project itself: npx advancer, in its directory.',
  )
}
