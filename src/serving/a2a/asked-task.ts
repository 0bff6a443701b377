import type { Schema } from '../../schema/index.js'
import type { Startable } from '../startable.js'
import { jsonIn, type MessageContent, malformed, metadataText } from './message-content.js'

/** What somebody wants to be done. */
export interface AskedTask {
  /** The skill: the name of an orchestration, or the id of a workflow. */
  readonly id: string
  readonly input: unknown
}

/**
 * What a message that begins a task asks for. The skill is `skill_id` of its metadata, or of its content `{skill_id, input}`; it need not
 * be named if there is only one. Data is the input. Text is too: as JSON if it is some, as the only property that has to be given if
 * that is a text, else as it is.
 * @throws Problem 400 if it does not say which skill
 */
export function askedTask({ data, text, metadata }: MessageContent, skills: readonly Startable[]): AskedTask {
  const json = data === undefined ? jsonIn(text) : data.value
  const named = metadataText(metadata, 'skill_id', 'skillId')
  const whole = named === undefined ? envelopeOf(json) : undefined
  if (whole !== undefined) return whole
  const id = named ?? onlyOne(skills)
  if (data !== undefined) return { id, input: data.value }
  return { id, input: valueOf(text, json, skills.find(skill => skill.id === id)?.input) }
}

function envelopeOf(json: unknown): AskedTask | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  const { skill_id: id, input, ...more } = json as Readonly<Record<string, unknown>>
  if (typeof id !== 'string' || Object.keys(more).length > 0) return undefined
  return { id, input }
}

function onlyOne(skills: readonly Startable[]): string {
  const [skill, ...others] = skills
  if (skill !== undefined && others.length === 0) return skill.id
  const ids = skills.map(({ id }) => id).join(', ')
  const wayOut = 'Name it as skill_id in the metadata of the message, or send {"skill_id": …, "input": …}.'
  throw malformed(`Which skill is meant? ${wayOut} There are: ${ids === '' ? 'none' : ids}.`)
}

function valueOf(text: string, json: unknown, declared: Schema | undefined): unknown {
  const schema = declared?.toJsonSchema()
  if (schema?.type === 'string') return text
  if (json !== undefined) return json
  if (schema?.type === 'object') {
    const [name, ...others] = schema.required ?? []
    if (name !== undefined && others.length === 0 && schema.properties?.[name]?.type === 'string')
      return { [name]: text }
  }
  return text
}
