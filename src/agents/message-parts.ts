import { OptionError } from '../errors/index.js'
import type { FilePart, ImagePart, MessagePart } from './model-message.js'

/** How an API writes the parts of a message. */
export interface PartWriter<T> {
  text(text: string): T
  image(part: ImagePart): T
  file(part: FilePart): T
}

/**
 * The parts of a message as an API writes them.
 * @throws OPTION_INVALID for a part that no API could take
 */
export function writeParts<T>(parts: readonly MessagePart[], writer: PartWriter<T>): T[] {
  if (parts.length === 0) throw new OptionError('content', 'a text, or a list of at least one part', parts)
  return parts.map((part, index) => {
    const place = `content[${index}]`
    switch (part.type) {
      case 'text':
        if (typeof part.text === 'string') return writer.text(part.text)
        throw new OptionError(`${place}.text`, 'a string', part.text)
      case 'image':
        if (isAddress(part.url) || isData(part.url)) return writer.image(part)
        throw new OptionError(`${place}.url`, 'an `https:` address or a `data:` URL', clipped(part.url))
      case 'file':
        return writer.file(checkedFile(part, place))
      default:
        throw new OptionError(`${place}.type`, 'text, image or file', (part as { readonly type?: unknown }).type)
    }
  })
}

function checkedFile(part: FilePart, place: string): FilePart {
  if ('fileId' in part) {
    if (isText(part.fileId)) return part
    throw new OptionError(`${place}.fileId`, 'the id of a file that the server has', part.fileId)
  }
  if (!isText(part.name)) throw new OptionError(`${place}.name`, 'the name of the file', part.name)
  if (isData(part.data)) return part
  throw new OptionError(`${place}.data`, 'the file as a `data:` URL', clipped(part.data))
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isAddress(url: unknown): boolean {
  return typeof url === 'string' && /^https?:\/\/./i.test(url)
}

function isData(url: unknown): boolean {
  return typeof url === 'string' && /^data:[^,]*,/i.test(url)
}

/** A file is too long for a message, and nobody's business there. */
function clipped(value: unknown): unknown {
  return typeof value === 'string' && value.length > 24 ? `${value.slice(0, 24)}…` : value
}
