/** Something that a server lets be read. */
export interface McpResource {
  readonly uri: string
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly mimeType?: string
  /** In bytes. */
  readonly size?: number
}

/** A family of resources; the parts in braces are filled in: `file:///{path}`. */
export interface McpResourceTemplate {
  readonly uriTemplate: string
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly mimeType?: string
}

/** What reading a resource gives, piece by piece. */
export interface McpResourceContent {
  readonly uri: string
  readonly mimeType?: string
  /** Either the text … */
  readonly text?: string
  /** … or the bytes, in base64. */
  readonly base64?: string
}

/** A prompt that a server has, to be filled in. */
export interface McpPrompt {
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly arguments: readonly McpPromptArgument[]
}

export interface McpPromptArgument {
  readonly name: string
  readonly description?: string
  readonly required: boolean
}

/** What a tool of a server answered. */
export interface McpToolResult {
  /** Texts as they are; images, sounds and resources described in brackets. */
  readonly text: string
  /** The result as data, if the tool gives it. */
  readonly structured?: unknown
  /** Whether the tool says that it has failed; the text says why. */
  readonly failed: boolean
}

/** The properties that are wanted and there, for plain data of our own. */
export function only<T extends object, const K extends keyof T>(from: T, names: readonly K[]): Present<Pick<T, K>> {
  const found = names.filter(name => from[name] !== undefined).map(name => [name, from[name]])
  return Object.fromEntries(found) as Present<Pick<T, K>>
}

/** Optional properties that are left out instead of `undefined`. */
type Present<T> = { [P in keyof T]: Exclude<T[P], undefined> }
