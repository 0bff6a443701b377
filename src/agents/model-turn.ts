import { untilAborted } from '../core/internal.js'
import type { EmittedAgentEvent } from './agent-event.js'
import type { AgentVoice } from './agent-voice.js'
import { eitherSignal } from './either-signal.js'
import type { ModelCallOptions, ModelClient, ModelRequest, ModelResponse } from './model-client.js'
import type { PartialOutput } from './partial-output.js'

/** How one call of a model is made. */
export interface ModelTurn {
  readonly agent: string
  readonly client: ModelClient
  readonly streaming: boolean
  readonly signal: AbortSignal | undefined
  readonly voice: AgentVoice
  /** What has to pass before anything of the answer is seen; runs beside the call, and cancels it when it rejects. */
  readonly guard?: ((signal: AbortSignal) => Promise<void>) | undefined
  /** Reads the output while it comes, if it is to be told of. */
  readonly partial?: PartialOutput | undefined
}

/** Calls a model, tells of its words and of what it used. */
export async function takeTurn(request: ModelRequest, turn: ModelTurn): Promise<ModelResponse> {
  const { signal, guard, voice } = turn
  signal?.throwIfAborted()
  if (guard === undefined) return call(request, turn, signal, event => voice.emit(event))
  const over = new AbortController()
  const either = eitherSignal(signal, over.signal) as AbortSignal
  const held = new HeldEvents(event => voice.emit(event))
  try {
    const guarded = guard(either).then(() => held.release())
    const [response] = await Promise.all([call(request, turn, either, event => held.add(event)), guarded])
    return response
  } catch (thrown) {
    over.abort(thrown)
    throw thrown
  }
}

async function call(
  request: ModelRequest,
  { agent, client, streaming, voice, partial }: ModelTurn,
  signal: AbortSignal | undefined,
  emit: (event: EmittedAgentEvent) => void,
): Promise<ModelResponse> {
  const listening: ModelCallOptions = {
    onDelta: text => {
      emit({ type: 'agent.delta', agent, text })
      const seen = partial?.add(text)
      if (seen !== undefined) emit({ type: 'agent.partial', agent, value: seen.value })
    },
    onReasoning: text => emit({ type: 'agent.reasoning', agent, text }),
  }
  const options = {
    ...(signal === undefined ? {} : { signal }),
    ...(streaming ? listening : {}),
    ...(voice.isRetried ? { ownRetries: false } : {}),
  }
  const response = await untilAborted(client.complete(request, options), signal)
  if (response.usage !== undefined) voice.usage(agent, response.model || request.model, response.usage)
  return response
}

/** Events that wait until they may be seen. */
class HeldEvents {
  readonly #emit: (event: EmittedAgentEvent) => void
  #held: EmittedAgentEvent[] | undefined = []

  constructor(emit: (event: EmittedAgentEvent) => void) {
    this.#emit = emit
  }

  add(event: EmittedAgentEvent): void {
    if (this.#held === undefined) this.#emit(event)
    else this.#held.push(event)
  }

  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const event of held) this.#emit(event)
  }
}
