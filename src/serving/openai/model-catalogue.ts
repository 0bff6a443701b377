import { didYouMean } from '../../errors/internal.js'
import type { Json } from '../../schema/index.js'
import type { Principal } from '../principal.js'
import { ApiError } from './api-error.js'
import type { ModelSource, ServedModel } from './served-model.js'

/** Every model of a server. */
export class ModelCatalogue {
  readonly #sources: readonly ModelSource[]

  constructor(sources: readonly ModelSource[]) {
    this.#sources = sources
  }

  /** Those that a caller can talk to. */
  async list(principal: Principal): Promise<readonly ServedModel[]> {
    return (await Promise.all(this.#sources.map(async each => each.list(principal)))).flat()
  }

  /** @throws ApiError 404 with the names that come nearest */
  async find(principal: Principal, id: string): Promise<ServedModel> {
    for (const source of this.#sources) {
      const found = await source.find(principal, id)
      if (found !== undefined) return found
    }
    const known = (await this.list(principal)).map(each => each.id)
    const message = `There is no model "${id}". ${didYouMean(id, known, 'This server has none.')}`
    throw new ApiError(404, { message, param: 'model', code: 'model_not_found' })
  }
}

/** A model as clients get it. */
export function modelBody({ id, created, description }: ServedModel): Readonly<Record<string, Json>> {
  return {
    id,
    object: 'model',
    created: Math.floor(created / 1000),
    owned_by: 'advancer',
    ...(description === undefined ? {} : { description }),
  }
}
