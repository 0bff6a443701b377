import { readPath, type ValuePath } from './value-path.js'

/** A `{{…}}` in a text. */
export interface Reference {
  readonly path: ValuePath
  /** Whether it ends in `?`: what is not there is `null`, or nothing inside of a text. */
  readonly optional: boolean
  /** As it is written between the braces. */
  readonly source: string
}

/** A text in pieces, or what is wrong with it; `position` counts from 1. */
export type TemplateText =
  | { readonly parts: readonly (string | Reference)[] }
  | { readonly problem: string; readonly position: number }

/** Takes the templates out of a text. `\{{` stands for two braces as they are. */
export function readTemplateText(text: string): TemplateText {
  const parts: (string | Reference)[] = []
  let plain = ''
  let at = 0
  while (at < text.length) {
    const open = text.indexOf('{{', at)
    if (open < 0) {
      plain += text.slice(at)
      break
    }
    if (text[open - 1] === '\\') {
      plain += `${text.slice(at, open - 1)}{{`
      at = open + 2
      continue
    }
    plain += text.slice(at, open)
    const close = text.indexOf('}}', open + 2)
    if (close < 0) return { problem: 'the template that begins here has no "}}"', position: open + 1 }
    const inside = text.slice(open + 2, close)
    const source = inside.trim()
    const optional = source.endsWith('?')
    const read = readPath(optional ? source.slice(0, -1).trimEnd() : source)
    if ('problem' in read) {
      const before = open + 2 + (inside.length - inside.trimStart().length)
      return { problem: read.problem, position: before + read.at + 1 }
    }
    if (plain !== '') parts.push(plain)
    plain = ''
    parts.push({ path: read.path, optional, source })
    at = close + 2
  }
  if (plain !== '') parts.push(plain)
  return { parts }
}
