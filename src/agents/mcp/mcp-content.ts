import type { ContentBlock, EmbeddedResource, PromptMessage } from '@modelcontextprotocol/client'
import type { MessagePart, ModelMessage } from '../model-message.js'

/** @internal A result as a model can read it: texts as they are, of everything else what it is. */
export function contentText(content: readonly ContentBlock[]): string {
  return content.map(blockText).join('\n')
}

/** @internal The messages of a prompt as messages of a conversation; images and files of the assistant are described. */
export function promptMessages(messages: readonly PromptMessage[]): ModelMessage[] {
  return messages.map(({ role, content }) =>
    role === 'assistant'
      ? { role, content: blockText(content) }
      : { role: 'user', content: content.type === 'text' ? content.text : [partOf(content)] },
  )
}

/** How many bytes are behind a base64 text. */
export function bytesOf(base64: string): number {
  return Math.floor((base64.replace(/=+$/, '').length * 3) / 4)
}

function blockText(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text
    case 'image':
    case 'audio':
      return `[${block.type} ${block.mimeType}, ${bytesOf(block.data)} bytes]`
    case 'resource_link': {
      const { name, uri, mimeType, description } = block
      const about = [mimeType, description].filter(Boolean).join(', ')
      return `[resource ${name} <${uri}>${about === '' ? '' : `: ${about}`}]`
    }
    case 'resource':
      return resourceText(block.resource)
    default:
      return `[${(block as { readonly type: string }).type}]`
  }
}

function resourceText(resource: EmbeddedResource['resource']): string {
  if ('text' in resource) return `[resource <${resource.uri}>]\n${resource.text}`
  return `[resource <${resource.uri}>: ${resource.mimeType ?? 'binary'}, ${bytesOf(resource.blob)} bytes]`
}

function partOf(block: ContentBlock): MessagePart {
  if (block.type === 'image') return { type: 'image', url: `data:${block.mimeType};base64,${block.data}` }
  if (block.type !== 'resource' || 'text' in block.resource) return { type: 'text', text: blockText(block) }
  const { uri, blob, mimeType = 'application/octet-stream' } = block.resource
  const data = `data:${mimeType};base64,${blob}`
  if (mimeType.startsWith('image/')) return { type: 'image', url: data }
  return { type: 'file', name: uri.split('/').findLast(part => part !== '') ?? uri, data }
}
