/** A text as one word of the command line of a shell, as it is usual on a platform; in quotes only if it needs them. */
export function quoted(text: string, platform = process.platform): string {
  return /^[\w:./@=][\w:./@=-]*$/.test(text) ? text : alwaysQuoted(text, platform)
}

/** The same, in quotes whatever is in it. */
export function alwaysQuoted(text: string, platform = process.platform): string {
  // Neither cmd.exe nor what Windows makes words of knows single quotes.
  if (platform === 'win32') return `"${text.replaceAll('"', String.raw`\"`)}"`
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
