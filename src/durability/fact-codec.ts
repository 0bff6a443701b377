import type { Fact } from '../core/index.js'
import type {
  AdvancedFact,
  AnsweredFact,
  Branch,
  EditedValue,
  EndedFact,
  HookFailure,
  Move,
  RunState,
} from '../core/internal.js'
import type { Json } from '../schema/index.js'
import type { ValueCodec } from './graph-codec.js'
import { decodeApproval, encodeApproval } from './stored-approval.js'
import { decodeFailure, encodeFailure } from './stored-failure.js'
import { freshRunnable, storedRunnable } from './stored-runnable.js'

type Stored = { readonly [key: string]: Json }

/** Writes the facts of a run as JSON and reads them. What a fact hands on unchanged from the run's state is written as `same`. */
export class FactCodec {
  readonly #values: ValueCodec

  constructor(values: ValueCodec) {
    this.#values = values
  }

  /** A fact as JSON; `state` is the run before the fact. @throws PAYLOAD_NOT_SERIALIZABLE */
  encode(fact: Fact, state: RunState): Stored {
    const values = this.#values
    switch (fact.type) {
      case 'started':
        return { type: fact.type, input: values.encode(fact.input) }
      case 'completed':
        return { ...token(fact), output: values.encode(fact.output), ...this.#writes(fact.writes) }
      case 'failed':
        return { ...token(fact), error: values.encode(fact.error), ...usage(fact) }
      case 'advanced':
        return this.#encodeAdvanced(fact, state.branches.get(fact.branch))
      case 'waiting': {
        const { kind, message, until } = fact
        return {
          ...token(fact),
          kind,
          ...(message === undefined ? {} : { message }),
          ...(until === undefined ? {} : { until }),
        }
      }
      case 'answered':
        return this.#encodeAnswered(fact, state.branches.get(fact.branch))
      case 'abandon':
        return { type: fact.type, failure: encodeFailure(fact.failure, values) }
      case 'ended':
        return this.#encodeEnded(fact, state)
      case 'emitted':
        return { type: fact.type, event: values.encode(fact.event) }
      case 'kept':
        return { ...token(fact), name: fact.name, value: values.encode(fact.value) }
      case 'asked': {
        const { name, message, subject, until } = fact
        return {
          ...token(fact),
          name,
          message,
          subject: values.encode(subject),
          ...(until === undefined ? {} : { until }),
        }
      }
      case 'replied':
        return { ...token(fact), name: fact.name, approval: encodeApproval(fact.approval, values) }
      case 'edited':
        return {
          type: fact.type,
          ...this.#writes(fact.writes),
          inputs: fact.inputs.map(each => encodeEdited(each, values)),
          outputs: fact.outputs.map(each => encodeEdited(each, values)),
        }
      default:
        // The rest is plain data.
        return { ...fact } as unknown as Stored
    }
  }

  /** The fact behind what {@link encode} wrote; `state` is the run before the fact. */
  decode(json: unknown, state: RunState): Fact {
    const stored = json as Record<string, unknown> & { readonly type: Fact['type'] }
    const values = this.#values
    switch (stored.type) {
      case 'started':
        return { type: 'started', input: values.decode(stored['input']), checked: undefined }
      case 'completed':
        return { ...stored, output: values.decode(stored['output']), writes: this.#readWrites(stored) } as Fact
      case 'failed':
        return { ...stored, error: values.decode(stored['error']) } as Fact
      case 'advanced':
        return this.#decodeAdvanced(stored, state)
      case 'waiting':
        return { message: undefined, until: undefined, ...stored } as unknown as Fact
      case 'answered':
        return this.#decodeAnswered(stored, state.branches.get(stored['branch'] as string))
      case 'abandon':
        return { type: 'abandon', failure: decodeFailure(stored['failure'], values) }
      case 'ended':
        return this.#decodeEnded(stored, state)
      case 'emitted':
        return { type: 'emitted', event: values.decode(stored['event']) } as Fact
      case 'kept':
        return { ...stored, value: values.decode(stored['value']) } as unknown as Fact
      case 'asked':
        return { until: undefined, ...stored, subject: values.decode(stored['subject']) } as unknown as Fact
      case 'replied': {
        const question = state.branches.get(stored['branch'] as string)?.asked?.get(stored['name'] as string)
        return { ...stored, approval: decodeApproval(stored['approval'], question?.subject, values) } as unknown as Fact
      }
      case 'edited':
        return {
          type: 'edited',
          writes: this.#readWrites(stored),
          inputs: (stored['inputs'] as readonly EditedValue[]).map(each => decodeEdited(each, values)),
          outputs: (stored['outputs'] as readonly EditedValue[]).map(each => decodeEdited(each, values)),
        }
      case 'stuck':
      case 'join.timed-out':
      case 'pause':
      case 'resume':
      case 'cancel':
        return stored as unknown as Fact
      default:
        throw new Error(`a fact of the unknown type ${JSON.stringify((stored as { type: unknown }).type)}`)
    }
  }

  #encodeAdvanced(fact: AdvancedFact, branch: Branch | undefined): Stored {
    const moves = fact.moves.map(({ to, advancer, input, runnable }) => ({
      to,
      advancer,
      ...(branch?.failure === undefined && input === branch?.output
        ? { same: true }
        : { input: this.#values.encode(input) }),
      ...(runnable === undefined ? {} : { runnable: storedRunnable(runnable, to, this.#values) }),
    }))
    return { ...token(fact), moves, ...(fact.forked ? { forked: true } : {}), ...this.#writes(fact.writes) }
  }

  #decodeAdvanced(stored: Record<string, unknown>, state: RunState): Fact {
    const branch = state.branches.get(stored['branch'] as string)
    const moves = (stored['moves'] as readonly Record<string, unknown>[]).map((move): Move => {
      const to = move['to'] as string
      const node = state.graph.byName.get(to)
      if (node === undefined) throw new Error(`a move to state "${to}", which the definition does not have`)
      return {
        to,
        advancer: move['advancer'] as string,
        input: move['same'] === true ? branch?.output : this.#values.decode(move['input']),
        checked: undefined,
        runnable:
          move['runnable'] === undefined ? undefined : freshRunnable(move['runnable'], node.runnable, this.#values),
      }
    })
    const forked = stored['forked'] === true
    return { ...(stored as object), moves, forked, writes: this.#readWrites(stored) } as unknown as Fact
  }

  #encodeAnswered(fact: AnsweredFact, branch: Branch | undefined): Stored {
    const { approval, output } = fact
    if (approval !== undefined) return { ...token(fact), approval: encodeApproval(approval, this.#values) }
    const written = output === branch?.input ? { same: true } : { output: this.#values.encode(output) }
    return { ...token(fact), ...written, ...usage(fact) }
  }

  #decodeAnswered(stored: Record<string, unknown>, branch: Branch | undefined): Fact {
    const {
      type,
      branch: id,
      step,
      approval,
      same,
    } = stored as Record<string, unknown> & {
      readonly approval?: { readonly outcome: string; readonly decision?: unknown }
    }
    if (approval === undefined) {
      const output = same === true ? branch?.input : this.#values.decode(stored['output'])
      return { type, branch: id, step, output, approval: undefined, ...usage(stored) } as Fact
    }
    const outcome = decodeApproval(approval, branch?.input, this.#values)
    return { type, branch: id, step, output: outcome, approval: outcome } as Fact
  }

  #encodeEnded(fact: EndedFact, state: RunState): Stored {
    const { output, failure, hookFailures } = fact
    const last = state.results.at(-1)
    const written =
      last !== undefined && output === last.value ? { same: true } : { output: this.#values.encode(output) }
    return {
      type: fact.type,
      ...(failure === undefined && output !== undefined ? written : {}),
      ...(failure === undefined ? {} : { failure: encodeFailure(failure, this.#values) }),
      ...(hookFailures.length === 0
        ? {}
        : { hookFailures: hookFailures.map(each => encodeFailure(each, this.#values)) }),
    }
  }

  #decodeEnded(stored: Record<string, unknown>, state: RunState): Fact {
    const output =
      stored['same'] === true
        ? state.results.at(-1)?.value
        : stored['output'] === undefined
          ? undefined
          : this.#values.decode(stored['output'])
    const failure = stored['failure'] === undefined ? undefined : decodeFailure(stored['failure'], this.#values)
    const hookFailures = ((stored['hookFailures'] ?? []) as readonly unknown[]).map(each =>
      decodeFailure(each, this.#values),
    ) as readonly HookFailure[]
    return { type: 'ended', output, failure, hookFailures }
  }

  #writes(writes: ReadonlyMap<string, unknown> | undefined): Stored {
    if (writes === undefined) return {}
    return { writes: [...writes].map(([key, value]) => [key, this.#values.encode(value)]) }
  }

  #readWrites(stored: Record<string, unknown>): ReadonlyMap<string, unknown> | undefined {
    const writes = stored['writes'] as readonly (readonly [string, unknown])[] | undefined
    return writes === undefined ? undefined : new Map(writes.map(([key, value]) => [key, this.#values.decode(value)]))
  }
}

function encodeEdited({ branch, step, value }: EditedValue, values: ValueCodec): Stored {
  return { branch, step, value: values.encode(value) }
}

function decodeEdited({ branch, step, value }: EditedValue, values: ValueCodec): EditedValue {
  return { branch, step, value: values.decode(value) }
}

function usage(fact: { readonly usage?: unknown }): Stored {
  return fact.usage === undefined ? {} : { usage: fact.usage as Json }
}

function token({
  type,
  branch,
  step,
}: {
  readonly type: string
  readonly branch: string
  readonly step: number
}): Stored {
  return { type, branch, step }
}
