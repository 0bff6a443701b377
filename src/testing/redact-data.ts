import { namesSecret, redacted, redactSecrets } from '../agents/internal.js'

/** Plain data without the secrets that can be recognised in it, and without what `more` takes out of its texts besides. */
export function redactData<T>(value: T, more: (text: string) => string): T {
  return redactedPart(value, '', more) as T
}

function redactedPart(value: unknown, key: string, more: (text: string) => string): unknown {
  if (typeof value === 'string') return namesSecret(key) && value !== '' ? redacted : more(redactSecrets(value))
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(item => redactedPart(item, '', more))
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, redactedPart(part, name, more)]))
}
