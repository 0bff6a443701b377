const graphemes = new Intl.Segmenter()

/** Characters that take two columns: of East Asian scripts, and pictures. */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}|[\u{20000}-\u{3FFFD}]/u

/** How many columns a text without control characters takes. */
export function textWidth(text: string): number {
  // Nearly everything is, and it is asked often.
  if (/^[\u0020-\u007E]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += wide.test(segment) ? 2 : 1
  return width
}

/** A text that takes at most so many columns. */
export function shortened(text: string, columns: number, ellipsis: string): string {
  if (textWidth(text) <= columns) return text
  const room = columns - textWidth(ellipsis)
  let width = 0
  let kept = ''
  for (const { segment } of graphemes.segment(text)) {
    width += textWidth(segment)
    if (width > room) break
    kept += segment
  }
  return room <= 0 ? kept : kept + ellipsis
}

/** A text with as many spaces behind it as it takes to fill its columns. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)))
}
