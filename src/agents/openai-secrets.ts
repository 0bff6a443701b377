import type OpenAI from 'openai'
import { HiddenValues } from './hidden-values.js'

/** What is read of a client besides what its type shows. */
interface ClientSecrets {
  readonly apiKey?: unknown
  readonly adminAPIKey?: unknown
  readonly webhookSecret?: unknown
  readonly _options?: { readonly defaultHeaders?: unknown; readonly defaultQuery?: unknown }
}

/** The keys of a client, and the headers and the query it was given; as they are now, for keys may be renewed. */
export function secretsOf(client: OpenAI): HiddenValues {
  const { apiKey, adminAPIKey, webhookSecret, _options: options } = client as unknown as ClientSecrets
  const given = [
    ...Object.entries({ apiKey, adminAPIKey, webhookSecret }),
    ...entriesOf(options?.defaultHeaders),
    ...entriesOf(options?.defaultQuery),
  ]
  const values = given.flatMap(([name, value]) => [value].flat().map(each => [name, each] as const))
  const texts = values.flatMap(([name, value], index) => {
    // Servers of one's own take any word for a key, and may well use that word.
    return typeof value === 'string' && value.length >= 8 ? [[`${name} ${index}`, value]] : []
  })
  return new HiddenValues(Object.fromEntries(texts) as Record<string, string>)
}

/** Headers in all forms that a client takes. */
function entriesOf(given: unknown): readonly (readonly [string, unknown])[] {
  if (typeof given !== 'object' || given === null) return []
  if (given instanceof Headers) return [...given.entries()]
  if (Array.isArray(given)) return given as readonly (readonly [string, unknown])[]
  if ('values' in given && given.values instanceof Headers) return [...given.values.entries()]
  return Object.entries(given)
}
