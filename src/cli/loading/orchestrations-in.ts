import { Orchestration } from '../../core/index.js'
import type { HostedOrchestration } from '../../durability/index.js'
import { didYouMean } from '../arguments/nearest-name.js'
import { UsageError } from '../usage-error.js'
import type { ModuleExports } from './load-module.js'

/** The orchestrations that a module exports, by the names of the exports: instances, and classes that need no arguments. */
export function orchestrationsIn(exports: ModuleExports, file: string): ReadonlyMap<string, HostedOrchestration> {
  const found = new Map<string, HostedOrchestration>()
  for (const [name, value] of Object.entries(exports)) {
    const orchestration = instanceOf(value)
    if (orchestration !== undefined && ![...found.values()].includes(orchestration)) found.set(name, orchestration)
    else if (orchestration === undefined && isForeign(value)) throw foreign(name, file)
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
  const [first, ...others] = names
  if (first === undefined) {
    const all = Object.keys(exports).sort()
    const has = all.length === 0 ? 'nothing' : all.join(', ')
    throw new UsageError(`${file} exports no orchestration, but ${has}. Export an instance of it, or its class.`)
  }
  if (others.length === 0 || found.has('default'))
    return (found.get('default') ?? found.get(first)) as HostedOrchestration
  throw new UsageError(`${file} exports several orchestrations. Say which with --export: ${names.join(', ')}.`)
}

function instanceOf(value: unknown): HostedOrchestration | undefined {
  if (value instanceof Orchestration) return value as HostedOrchestration
  if (typeof value !== 'function' || !(value.prototype instanceof Orchestration) || value.length > 0) return undefined
  try {
    return new (value as unknown as new () => HostedOrchestration)()
  } catch (thrown) {
    // An abstract class is no definition; what another one throws is worth knowing.
    if (thrown instanceof TypeError) return undefined
    throw thrown
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
