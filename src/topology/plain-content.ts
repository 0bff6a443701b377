/** What an agent came to as plain data, which any store keeps: instances of classes become what they are as JSON. */
export function plainOf(output: unknown): unknown {
  return typeof output === 'string' || output === undefined ? output : JSON.parse(JSON.stringify(output) ?? 'null')
}

/** Content as a model reads it: a text as it is, anything else as JSON. */
export function textOfContent(content: unknown): string {
  return typeof content === 'string' ? content : (JSON.stringify(content) ?? 'null')
}

/** Whether content can be told to a model: what is missing, or has no JSON, cannot. */
export function isTellable(content: unknown): boolean {
  try {
    return typeof content === 'string' || JSON.stringify(content) !== undefined
  } catch {
    return false
  }
}
