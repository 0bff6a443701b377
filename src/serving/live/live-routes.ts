import { IsIn, IsInt, IsISO8601, IsObject, IsOptional, IsString, Max, Min } from 'class-validator'
import { Description } from '../../schema/index.js'
import type { RouteContext } from '../app.js'
import { basePath } from '../base-path.js'
import type { Principal } from '../principal.js'
import { Problem } from '../problem.js'
import { readQuery } from '../request-query.js'
import { defaultLimit } from '../rest/paging.js'
import { eventPage, viewOf } from '../rest/run-reader.js'
import type { RouteTable } from '../route-table.js'
import { runOf, type ServerContext } from '../server-context.js'
import { wireEvent } from '../wire-event.js'
import { EventStream } from './event-stream.js'
import { RunEvents } from './run-events.js'

/** Where the WebSocket of {@link LiveConnection} is. */
export const livePath = `${basePath}/live`

/** From where on events are wanted. */
class EventsQuery {
  @Description(
    'The number of the first event; 0 if it is left out. Of a stream, the header Last-Event-ID has precedence.',
  )
  @IsOptional()
  @IsInt()
  @Min(0)
  from?: number

  @Description('Of a page: how many events at most; 50 if it is left out.')
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1000)
  limit?: number

  @Description(
    'nodes: of a workflow, what happens to its nodes, which are then what state_name and path name; what only leads from node to node is ' +
      'left out, so numbers have gaps, and a node that starts has led_by, the edges to it. states, if it is left out: all there is.',
  )
  @IsOptional()
  @IsIn(['nodes', 'states'])
  view?: 'nodes' | 'states'
}

/** Some events of an execution. */
class EventsBody {
  @IsString() execution_id!: string

  @Description('type, seq, at, and what the type has besides.')
  @IsObject({ each: true })
  events!: object[]

  @Description('Where the next page begins; missing if there are no more events at the moment.')
  @IsOptional()
  @IsInt()
  next_from?: number
}

/** What a server says over the WebSocket. */
class LiveMessageBody {
  @IsISO8601() timestamp!: string
  @IsString() type!: string
  @IsObject() data!: object
}

/** Events of executions as they happen. */
export function addLiveRoutes(table: RouteTable, server: ServerContext): void {
  table.add(
    {
      method: 'GET',
      path: `${basePath}/executions/{execution_id}/events`,
      access: 'read',
      operation: 'stream_execution_events',
      summary: 'The events of an execution: as they happen, or page by page.',
      description:
        'As text/event-stream, with the number of each event as its id: Last-Event-ID takes a stream up again, without gap and without ' +
        'duplicate. It ends after the last event of the execution; taken up behind that it is answered with 204. With an Accept header ' +
        'of application/json, a page of the events that have happened.',
      tag: 'Live',
      query: EventsQuery,
      headers: {
        Accept: 'text/event-stream, or application/json for a page.',
        'Last-Event-ID': 'The number of the last event that the caller has.',
      },
      answers: {
        200: { description: 'The events.', body: EventsBody, mediaTypes: ['text/event-stream', 'application/json'] },
        204: { description: 'The execution has ended, and the caller has all of its events.' },
      },
      handle: async (context, principal) => events(server, context, principal),
    },
    {
      method: 'GET',
      path: livePath,
      access: 'read',
      operation: 'open_live_connection',
      summary: 'A WebSocket: events of executions and requests for approval out, decisions in.',
      description:
        'Messages are JSON texts. Of the client: {type: "subscribe", execution_id?, from?}, {type: "unsubscribe", execution_id?}, ' +
        '{type: "approve", execution_id, request_id, approved, reason?, data?}; with an `id`, answers have it as `reply_to`. Of the ' +
        'server: {type, timestamp, data}. Browsers send the token as the protocol `bearer.<token>`, next to `advancer.live`. Who may ' +
        'not connect is told so by the status, before the upgrade. Close codes: 4008 too slow, 1001 the server ends, 1013 too many.',
      tag: 'Live',
      headers: { Upgrade: 'websocket' },
      answers: {
        101: {
          description: 'From here on it is a WebSocket; each message of the server is this.',
          body: LiveMessageBody,
        },
        426: { description: 'The request is no WebSocket handshake.' },
      },
      handle: () => {
        throw new Problem(426, {
          code: 'BAD_REQUEST',
          detail:
            'This is a WebSocket: connect with ws:// or wss://. It needs a server that was started with listen().',
          headers: { upgrade: 'websocket', connection: 'Upgrade' },
        })
      },
    },
  )
}

async function events(server: ServerContext, context: RouteContext, principal: Principal): Promise<Response> {
  const { req } = context
  const record = await runOf(server, principal, req.param('execution_id') ?? '')
  const { from = 0, limit = defaultLimit, view } = readQuery(context, EventsQuery)
  const told = view === 'nodes' ? (await viewOf(server, record))?.reader() : undefined
  context.header('vary', 'accept')
  const accept = req.header('accept') ?? ''
  if (accept.includes('application/json') && !accept.includes('text/event-stream')) {
    const page = await eventPage(server, record, from, limit, told)
    const last = page.events.at(-1)
    return context.json({
      execution_id: record.runId,
      events: page.events.map(wireEvent),
      ...(page.more && last !== undefined ? { next_from: last.seq + 1 } : {}),
    })
  }
  const lastEventId = req.header('last-event-id')
  const headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  }
  // Nobody would read it.
  if (req.method === 'HEAD') return context.body(null, 200, headers)
  const wanted = lastEventId === undefined || lastEventId === '' ? from : followingOf(lastEventId)
  const reading = await RunEvents.open(server, record, wanted, told)
  const first = await reading.poll()
  if (first === undefined) {
    // Anything else would make a browser ask again and again.
    if (wanted > 0) return context.body(null, 204)
  }
  const stream = new EventStream(server, reading, first ?? [])
  return context.body(stream.body, 200, headers)
}

function followingOf(lastEventId: string): number {
  const number = Number(lastEventId)
  if (/^\d+$/.test(lastEventId) && Number.isSafeInteger(number)) return number + 1
  throw new Problem(400, { code: 'BAD_REQUEST', detail: 'Last-Event-ID has to be the id of an event: a whole number.' })
}
