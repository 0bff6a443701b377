import type { Artifact, Message, Part } from '@a2a-js/sdk'

/** Texts as they are, data as JSON, of files what they are. */
function partsText(parts: readonly Part[] | undefined): string {
  return (parts ?? []).map(partText).join('\n')
}

/** @internal What an agent has said; the empty string if nothing. */
export function messageText(message: Message | undefined): string {
  return partsText(message?.parts)
}

/** @internal All that an agent has made, in its order. A text may have come in pieces, each of them a part. */
export function artifactsText(artifacts: Iterable<Artifact>): string {
  return [...artifacts].map(({ parts }) => parts.map(pieceText).join('')).join('\n\n')
}

function pieceText(part: Part, index: number, parts: readonly Part[]): string {
  const goesOn = isText(part) && isText(parts[index - 1])
  return `${index === 0 || goesOn ? '' : '\n'}${partText(part)}`
}

function isText(part: Part | undefined): boolean {
  return part?.content?.$case === 'text'
}

function partText({ content, filename, mediaType }: Part): string {
  switch (content?.$case) {
    case 'text':
      return content.value
    case 'data':
      return JSON.stringify(content.value) ?? ''
    case 'url':
      return described(filename || 'file', `<${content.value}>`, mediaType)
    case 'raw':
      return described(filename || 'file', `${content.value.length} bytes`, mediaType)
    default:
      return ''
  }
}

function described(...about: readonly string[]): string {
  return `[${about.filter(each => each !== '').join(', ')}]`
}
