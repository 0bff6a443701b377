import { JoinRunnable, type OrchestrationRunnable, type RunContext } from '../../../src/core/index.js'
import { Machine, step } from '../machines.js'
import { decide, joined, numberOf, type Parcel, type Plan, type Program, stamped } from './plan.js'

type State = OrchestrationRunnable<Parcel, Parcel>

/** How long things take: nothing, some turns of promises, or some time on the clock; different in each schedule. */
export class Schedule {
  readonly #seed: number

  /** @param seed 0: everything is synchronous */
  constructor(seed: number) {
    this.#seed = seed
  }

  async #wait(kind: number, context: RunContext): Promise<void> {
    if (kind % 3 === 1) for (let turn = kind % 7; turn > 0; turn--) await Promise.resolve()
    else if (kind % 3 === 2) await context.sleep(kind % 23)
  }

  after<T>(what: string, context: RunContext, work: () => T): T | Promise<T> {
    const kind = this.#seed === 0 ? 0 : numberOf(`${this.#seed} ${context.token} ${what}`)
    return kind % 3 === 0 ? work() : this.#wait(kind, context).then(work)
  }
}

class Gather extends JoinRunnable<Parcel, Parcel> {
  readonly #proceed: boolean
  readonly #schedule: Schedule

  constructor(proceed: boolean, schedule: Schedule) {
    super()
    this.#proceed = proceed
    this.#schedule = schedule
  }

  override get joinOptions() {
    return { onInsufficient: this.#proceed ? 'proceed' : 'fail' } as const
  }

  join(items: readonly Parcel[], context: RunContext) {
    return this.#schedule.after('work', context, () => stamped(joined(items), context.stateName))
  }
}

/** The program as an orchestration. */
export function build({ main, tails }: Program, schedule: Schedule): Machine<Parcel, Parcel> {
  const work = (name: string, flaky = false): State =>
    step<Parcel, Parcel>(name, (input, context) =>
      schedule.after('work', context, () => {
        if (flaky && decide.fails(name, input)) throw new Error(`${name} failed`)
        return stamped(input, name)
      }),
    )
  const compile = (plan: Plan, then: State): State => {
    switch (plan.kind) {
      case 'work':
        return work(plan.name, plan.flaky).addAdvancer(then)
      case 'stop':
        return work(plan.name)
          .configure({ allowDeadEnd: true })
          .addAdvancer(
            (output, context) => schedule.after('stop', context, () => !decide.stops(plan.name, output)),
            then,
          ) as State
      case 'sequence':
        return plan.parts.reduceRight((next, part) => compile(part, next), then)
      case 'choice':
        return work(plan.name)
          .addAdvancer(
            (output, context) => schedule.after('yes', context, () => decide.yes(plan.name, output)),
            compile(plan.yes, then),
          )
          .addAdvancer(compile(plan.no, then))
      case 'loop': {
        const gate = step<Parcel, Parcel>(`${plan.name}Gate`, (input, context) =>
          schedule.after('work', context, () => stamped(input, `${plan.name}Gate`)),
        )
        const body = compile(plan.body, gate)
        const passed = ({ passes }: Parcel): number => (passes.at(-1) as number) + 1
        gate
          .addAdvancer(
            output => passed(output) < plan.times,
            body,
            output => ({
              ...output,
              passes: [...output.passes.slice(0, -1), passed(output)],
            }),
          )
          .addAdvancer(
            () => true,
            then,
            output => ({ ...output, passes: output.passes.slice(0, -1) }),
          )
        return work(plan.name).addAdvancer(
          () => true,
          body,
          output => ({ ...output, passes: [...output.passes, 0] }),
        )
      }
      case 'fan': {
        const join = new Gather(plan.proceed, schedule)
          .configure({ name: `${plan.name}Join` })
          .addAdvancer(then) as State
        const fan = work(plan.name).configure({ parallelAdvances: true }) as State
        for (const branch of plan.branches) fan.addAdvancer(compile(branch, join))
        return fan
      }
    }
  }
  const end = work('End')
  const ends = tails.map((tail, index) => compile(tail, work(`Tail${index}`)))
  if (ends.length > 0) {
    end.configure({ parallelAdvances: true })
    for (const state of ends) end.addAdvancer(state)
  }
  return new Machine<Parcel, Parcel>(compile(main, end))
}
