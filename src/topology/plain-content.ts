/** What an agent came to as plain data, which any store keeps: instances of classes become what they are as JSON. */
export function plainOf(output: unknown): unknown {
  return typeof output === 'string' || output === undefined ? output : JSON.parse(JSON.stringify(output) ?? 'null')
}

/** Content as a model reads it: a text as it is, anything else as JSON. */
export function textOfContent(content: unknown): string {
  return typeof content === 'string' ? content : (JSON.stringify(content) ?? 'null')
}
