/** A text as one word of a shell's command line; in quotes only if it needs them. */
export function quoted(text: string): string {
  return /^[\w:./@=][\w:./@=-]*$/.test(text) ? text : alwaysQuoted(text)
}

/** The same, in quotes whatever is in it. */
export function alwaysQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
