import { malformed } from './message-content.js'

type Kind = 'string' | 'number' | 'object'
type Fields = Readonly<Record<string, Kind>>

const ofParams: Fields = {
  id: 'string',
  tenant: 'string',
  contextId: 'string',
  pageSize: 'number',
  pageToken: 'string',
  statusTimestampAfter: 'string',
  historyLength: 'number',
  message: 'object',
  configuration: 'object',
  metadata: 'object',
}
const ofMessage: Fields = { messageId: 'string', taskId: 'string', contextId: 'string', metadata: 'object' }

/**
 * Refuses parameters of which the SDK would make something else, or nothing: it takes any value for a text, and breaks on others.
 * @throws Problem 400 with all that is wrong
 */
export function checkParams(params: unknown): void {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return
  const { message } = params as { readonly message?: unknown }
  const faults = [
    ...wrongFields(params, ofParams, ''),
    ...(isObject(message) ? [...wrongFields(message, ofMessage, 'message.'), ...wrongParts(message)] : []),
  ]
  if (faults.length > 0) throw malformed(faults.join(' '))
}

function wrongFields(object: object, fields: Fields, prefix: string): readonly string[] {
  return Object.entries(fields).flatMap(([name, kind]) => {
    const value = (object as Readonly<Record<string, unknown>>)[name]
    if (value === undefined || value === null) return []
    const fits = kind === 'object' ? isObject(value) : typeof value === kind
    return fits ? [] : [`${prefix}${name} has to be ${kind === 'object' ? 'an object' : `a ${kind}`}.`]
  })
}

function wrongParts({ parts }: { readonly parts?: unknown }): readonly string[] {
  if (!Array.isArray(parts)) return ['message.parts has to be an array.']
  return parts.flatMap((part, index) => (isObject(part) ? [] : [`message.parts[${index}] has to be an object.`]))
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
