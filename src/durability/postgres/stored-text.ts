const mark = '\u0001'

/**
 * Text as PostgreSQL can keep it: U+0000 and halves of surrogate pairs, which it refuses, are written as U+0001 and
 * four digits, and so is U+0001. The order by code points stays what it was, but for the halves.
 */
export function toStored(text: string): string {
  if (!text.includes('\0') && !text.includes(mark) && !/\p{Surrogate}/u.test(text)) return text
  return Array.from(text, character => {
    const code = character.codePointAt(0) ?? 0
    return code <= 1 || (code >= 0xd800 && code <= 0xdfff) ? mark + code.toString(16).padStart(4, '0') : character
  }).join('')
}

/** The text that {@link toStored} was given. */
export function fromStored(text: string): string {
  const [start = '', ...marked] = text.split(mark)
  return start + marked.map(part => String.fromCharCode(Number.parseInt(part.slice(0, 4), 16)) + part.slice(4)).join('')
}
