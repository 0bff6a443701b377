/** The fields of an object that a client has sent. */
export type Fields = Readonly<Record<string, unknown>>

/** The fields of an object; none of anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

/** Whether a field says something: clients send `null` for what they leave out. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}
