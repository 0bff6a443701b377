/** Graphviz reads no text of more than 16 KB, and no diagram shows it. */
const longest = 500

/**
 * A name on one line: line breaks and tabs become spaces, what cannot be shown or stored in XML becomes `\uFFFD`, and the end of
 * a name that is too long becomes `…`.
 */
export function printable(text: string): string {
  const clean = text
    .replaceAll(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ')
    .replaceAll(/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu, '\ufffd')
  const characters = clean.length > longest ? Array.from(clean) : []
  return characters.length > longest ? `${characters.slice(0, longest).join('')}…` : clean
}
