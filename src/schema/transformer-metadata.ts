import 'reflect-metadata'
import { Expose, type TypeOptions } from 'class-transformer'
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js'
import { OrchestrationError } from '../errors/index.js'
import { ancestry } from './ancestry.js'
import type { PayloadClass } from './type-ref.js'

/** What `@Type` recorded for one property. */
export interface TypeDeclaration {
  readonly typeFunction: (help?: object) => unknown
  readonly options: TypeOptions | undefined
}

/** What class-transformer knows about one class, its ancestors included. */
export interface TransformerMetadata {
  readonly types: ReadonlyMap<string, TypeDeclaration>
  /** Property name → the name it has in plain objects, where `@Expose({ name })` gave it another one. */
  readonly exposedNames: ReadonlyMap<string, string>
  /** Properties that `@Exclude` keeps from being read out of a plain object. */
  readonly excluded: ReadonlySet<string>
  /** Whether `@Transform`, `@Expose` or `@Exclude` are used, so that class-transformer itself must build instances. */
  readonly customised: boolean
}

type Declarations<T> = Map<unknown, Map<string | undefined, T>>

interface NameOptions {
  readonly options?: { readonly name?: string; readonly toClassOnly?: boolean; readonly toPlainOnly?: boolean }
}

interface TransformerStorage {
  readonly _typeMetadatas: Declarations<TypeDeclaration>
  readonly _transformMetadatas: Declarations<unknown>
  readonly _exposeMetadatas: Declarations<NameOptions>
  readonly _excludeMetadatas: Declarations<NameOptions>
}

/**
 * Reads class-transformer's own storage, which it does not export.
 * @throws OrchestrationError `SCHEMA_UNSUPPORTED` if the storage that can be reached is not the one decorators write
 * to.
 */
export function transformerMetadataOf(target: PayloadClass): TransformerMetadata {
  const storage = verifiedStorage()
  const types = new Map<string, TypeDeclaration>()
  const exposedNames = new Map<string, string>()
  const excluded = new Set<string>()
  let customised = false
  for (const owner of ancestry(target)) {
    for (const [name, declaration] of storage._typeMetadatas.get(owner) ?? []) {
      if (name !== undefined) types.set(name, declaration)
    }
    for (const [name, { options }] of storage._exposeMetadatas.get(owner) ?? []) {
      if (name === undefined) continue
      if (options?.name !== undefined && isForInput(options)) exposedNames.set(name, options.name)
      else exposedNames.delete(name)
    }
    for (const [name, { options }] of storage._excludeMetadatas.get(owner) ?? []) {
      if (name !== undefined && isForInput(options)) excluded.add(name)
    }
    customised ||=
      storage._transformMetadatas.has(owner) ||
      storage._exposeMetadatas.has(owner) ||
      storage._excludeMetadatas.has(owner)
  }
  return { types, exposedNames, excluded, customised }
}

function isForInput(options: NameOptions['options']): boolean {
  return options?.toPlainOnly !== true || options.toClassOnly === true
}

let verified: TransformerStorage | undefined

function verifiedStorage(): TransformerStorage {
  if (verified !== undefined) return verified
  class Probe {}
  Expose()(Probe.prototype, 'probe')
  const storage = defaultMetadataStorage as Partial<TransformerStorage> | undefined
  if (storage?._exposeMetadatas?.get(Probe)?.has('probe') !== true || !(storage._typeMetadatas instanceof Map)) {
    throw new OrchestrationError(
      'The decorators of class-transformer write to another copy of it than the one ' +
        '`class-transformer/cjs/storage.js` belongs to, so nested types cannot be read. ' +
        'Install one copy of class-transformer 0.5, and keep it out of bundles (mark it as external).',
      { code: 'SCHEMA_UNSUPPORTED' },
    )
  }
  storage._exposeMetadatas.delete(Probe)
  verified = storage as TransformerStorage
  return verified
}
