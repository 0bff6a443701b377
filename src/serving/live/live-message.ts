import { IsBoolean, IsIn, IsInt, IsOptional, IsString, MaxLength, Min } from 'class-validator'
import { didYouMean } from '../../errors/internal.js'
import { JsonSchemaFragment, type PayloadClass } from '../../schema/index.js'
import { Problem } from '../problem.js'
import { type BodyLimits, parseAs, parseJson } from '../request-body.js'

class LiveMessage {
  /** What the answer to it has as `reply_to`. */
  @IsOptional() @IsString() @MaxLength(200) id?: string
}

/** Events are wanted: of one execution, or of all of the tenant. */
export class SubscribeMessage extends LiveMessage {
  @IsIn(['subscribe']) type!: 'subscribe'
  @IsOptional() @IsString() execution_id?: string
  /** The number of the first event. @default only what happens from now on */
  @IsOptional() @IsInt() @Min(0) from?: number
}

/** Events are not wanted any more: of one execution, or of none. */
export class UnsubscribeMessage extends LiveMessage {
  @IsIn(['unsubscribe']) type!: 'unsubscribe'
  @IsOptional() @IsString() execution_id?: string
}

/** A decision about an approval. */
export class ApproveMessage extends LiveMessage {
  @IsIn(['approve']) type!: 'approve'
  @IsString() execution_id!: string
  @IsString() request_id!: string
  @IsBoolean() approved!: boolean
  @IsOptional() @IsString() @MaxLength(10_000) reason?: string
  @IsOptional() @JsonSchemaFragment({}) data?: unknown
}

/** Whether anybody is there. */
export class PingMessage extends LiveMessage {
  @IsIn(['ping']) type!: 'ping'
}

/** What a client can say. */
export type ClientMessage = SubscribeMessage | UnsubscribeMessage | ApproveMessage | PingMessage

const messages: Readonly<Record<ClientMessage['type'], PayloadClass<ClientMessage>>> = {
  subscribe: SubscribeMessage,
  unsubscribe: UnsubscribeMessage,
  approve: ApproveMessage,
  ping: PingMessage,
}

/** What a client has said. @throws Problem 400, 422; PAYLOAD_INVALID */
export async function readMessage(text: string, limits: BodyLimits): Promise<ClientMessage> {
  const value = parseJson(text, limits.maxDepth)
  const { type } = (typeof value === 'object' && value !== null ? value : {}) as { readonly type?: unknown }
  if (typeof type === 'string' && Object.hasOwn(messages, type))
    return parseAs(value, messages[type as ClientMessage['type']])
  const what = typeof type === 'string' ? `There is no message "${type}".` : 'A message is an object with a "type".'
  const hint = didYouMean(typeof type === 'string' ? type : '', Object.keys(messages), '')
  throw new Problem(422, { code: 'PAYLOAD_INVALID', detail: `${what} ${hint}` })
}

/** The id of a message that may be wrong otherwise, so that the error can say what it is about. */
export function idOfMessage(text: string): string | undefined {
  try {
    const { id } = JSON.parse(text) as { readonly id?: unknown }
    return typeof id === 'string' && id.length <= 200 ? id : undefined
  } catch {
    return undefined
  }
}
