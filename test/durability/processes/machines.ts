import type { AnyRunnable } from '../../../src/core/index.js'
import {
  ApprovalRunnable,
  Approved,
  DelayRunnable,
  Expired,
  JoinRunnable,
  type NextRunnable,
  Orchestration,
  OrchestrationAdvancer,
  OrchestrationRunnable,
  type RunContext,
  SignalRunnable,
  SubOrchestrationRunnable,
  sendTo,
} from '../../../src/core/index.js'

/** Is told of what a state does to the outside, before it goes on: what it is, and the key that identifies it in all processes. */
export type Witness = (what: string, key: string) => void | Promise<void>

type Change = (n: number, context: RunContext) => number | Promise<number>

class Work extends OrchestrationRunnable<number, number> {
  readonly #witness: Witness
  readonly #change: Change

  constructor(name: string, witness: Witness, change: Change = n => n + 1) {
    super()
    this.#witness = witness
    this.#change = change
    this.configure({ name })
  }

  override async invoke(n: number, context: RunContext): Promise<number> {
    await this.#witness(context.stateName, context.idempotencyKey)
    return this.#change(n, context)
  }
}

class Sum extends JoinRunnable<number, number> {
  readonly #witness: Witness

  constructor(name: string, witness: Witness) {
    super()
    this.#witness = witness
    this.configure({ name })
  }

  override async join(items: readonly number[], context: RunContext): Promise<number> {
    await this.#witness(context.stateName, context.idempotencyKey)
    return items.reduce((sum, item) => sum + item, 0)
  }
}

/** Opens so many branches of one state, each with an input of its own. */
class Several extends OrchestrationAdvancer<number, number> {
  constructor(
    readonly target: string,
    readonly count: number,
  ) {
    super()
  }

  override getNextRunnable(n: number): NextRunnable<number> {
    return Array.from({ length: this.count }, (_, index) => sendTo(this.target, n * 10 + index))
  }
}

class Both extends OrchestrationAdvancer<number, number> {
  constructor(readonly targets: readonly string[]) {
    super()
  }

  override getNextRunnable(): NextRunnable<number> {
    return this.targets
  }
}

class Machine extends Orchestration<number, number> {
  constructor(name: string, initial: OrchestrationRunnable<number, unknown>, ...others: readonly AnyRunnable[]) {
    super()
    this.configure({ name })
    this.initialRunnable = initial
    this.register(...others)
  }
}

const subjectOf = (outcome: unknown): number => (outcome as Approved<number>).subject

function approval(name: string, next: string): ApprovalRunnable<number> {
  const asked = new ApprovalRunnable<number>({ message: n => `Is ${n} good?` })
  return asked.configure({ name }).addAdvancer(outcome => outcome instanceof Approved, next, subjectOf)
}

function linear(witness: Witness): Machine {
  return new Machine(
    'linear',
    new Work('First', witness).addAdvancer('Second'),
    new Work('Second', witness).addAdvancer('Third'),
    new Work('Third', witness),
  )
}

function fanOut(witness: Witness): Machine {
  return new Machine(
    'fan-out',
    new Work('Split', witness).setAdvancer(new Several('Part', 3)),
    new Work('Part', witness).addAdvancer('Polish'),
    new Work('Polish', witness).addAdvancer('Gather'),
    new Sum('Gather', witness).addAdvancer('Done'),
    new Work('Done', witness),
  )
}

function loop(witness: Witness): Machine {
  const count: Change = (n, { properties }) => {
    properties.set('total', (properties.get<number>('total') ?? 0) + n)
    return n + 1
  }
  return new Machine(
    'loop',
    new Work('Count', witness, count).addAdvancer(n => n < 6, 'Count').addAdvancer(n => n >= 6, 'Report'),
    new Work('Report', witness, (n, { properties }) => n + 100 * (properties.get<number>('total') ?? 0)),
  )
}

function approved(witness: Witness): Machine {
  return new Machine(
    'approval',
    new Work('Draft', witness).addAdvancer('Review'),
    approval('Review', 'Publish'),
    new Work('Publish', witness),
  )
}

function piece(witness: Witness): Machine {
  return new Machine(
    'piece',
    new Work('Draft', witness).setAdvancer(new Both(['Check', 'Ask'])),
    new Work('Check', witness).addAdvancer('Merge'),
    approval('Ask', 'Sign'),
    new Work('Sign', witness).addAdvancer('Merge'),
    new Sum('Merge', witness),
  )
}

function nested(witness: Witness): Machine {
  return new Machine(
    'nested',
    new Work('Open', witness).setAdvancer(new Several('Piece', 2)),
    new SubOrchestrationRunnable(piece(witness)).configure({ name: 'Piece' }).addAdvancer('Collect'),
    new Sum('Collect', witness).addAdvancer('Close'),
    new Work('Close', witness),
  )
}

function once(witness: Witness): Machine {
  const pay: Change = async (n, context) => {
    const keep = (name: string, value: number) =>
      context.once(name, async () => {
        await witness(name, `${context.idempotencyKey}/${name}`)
        return value
      })
    return (await keep('charge', n * 10)) + (await keep('receipt', n * 1000))
  }
  return new Machine('once', new Work('Pay', witness, pay).addAdvancer('Thank'), new Work('Thank', witness))
}

function signalled(witness: Witness): Machine {
  const reply = new SignalRunnable<number, number>().configure({ name: 'Reply' })
  return new Machine(
    'signal-and-delay',
    new Work('Ask', witness).addAdvancer('Reply'),
    reply.addAdvancer('Note'),
    new Work('Note', witness).addAdvancer('Rest'),
    new DelayRunnable<number>(5).configure({ name: 'Rest' }).addAdvancer('Done'),
    new Work('Done', witness),
  )
}

/** Waits for as many milliseconds as its input says. */
function delayed(witness: Witness): Machine {
  return new Machine(
    'delayed',
    new Work('Before', witness, n => n).addAdvancer('Rest'),
    new DelayRunnable<number>(ms => ms).configure({ name: 'Rest' }).addAdvancer('After'),
    new Work('After', witness),
  )
}

/** Asks for an approval that has to come in a short time. */
function expiring(witness: Witness): Machine {
  const review = new ApprovalRunnable<number>({ timeoutMs: 300 }).configure({ name: 'Review' })
  return new Machine(
    'expiring',
    new Work('Draft', witness).addAdvancer('Review'),
    review.addAdvancer(outcome => outcome instanceof Expired, 'Escalate', subjectOf),
    new Work('Escalate', witness, n => -n),
  )
}

/** The orchestrations that the processes run, each of a kind of its own. */
export const machines = {
  linear,
  'fan-out': fanOut,
  loop,
  approval: approved,
  nested,
  once,
  'signal-and-delay': signalled,
  delayed,
  expiring,
} satisfies Record<string, (witness: Witness) => Orchestration<number, number>>

/** The name of one of the orchestrations. */
export type MachineName = keyof typeof machines
