import { IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import {
  Advancer,
  CollectRunnable,
  defineAdvancer,
  defineOrchestration,
  defineRunnable,
  JoinRunnable,
  Orchestration,
  OrchestrationAdvancer,
  OrchestrationOptions,
  OrchestrationRunnable,
  Runnable,
  WiringError,
} from '../../src/core/index.js'
import { advancer, Machine, machine, pass, rejection, say } from './machines.js'

class Plan {
  @IsString()
  topic!: string
}
class Report {
  @IsString()
  title!: string
}

class Empty extends Orchestration<unknown, unknown> {}

function problemsOf(orchestration: Orchestration<never, unknown>): readonly string[] {
  try {
    void orchestration.graph
  } catch (thrown) {
    if (thrown instanceof WiringError) return thrown.problems
    throw thrown
  }
  return []
}

describe('a definition', () => {
  it('without an initial runnable is refused, and nothing runs', async () => {
    const error = await rejection(new Empty().run(1))
    expect(error).toBeInstanceOf(WiringError)
    expect(error.message).toBe(
      'Orchestration "Empty" cannot run:\n  - it has no initial runnable: set this.initialRunnable in its constructor',
    )
    expect(() => new Empty().start(1)).toThrow(WiringError)
  })

  it('has all of its problems listed at once', () => {
    class NeedsArguments extends OrchestrationRunnable<unknown, unknown> {
      constructor(readonly argument: string) {
        super()
      }
      invoke(input: unknown) {
        return input
      }
    }
    const planning = pass<unknown>('Planning').configure({ output: Plan } as never)
    const reporting = pass<unknown>('Reporting').configure({ input: Report, output: String } as never)
    planning.addAdvancer('Nowhere').addAdvancer(NeedsArguments).addAdvancer(reporting)
    class Research extends Machine<unknown, unknown> {}
    OrchestrationOptions({ input: Number, output: Number })(Research as never)
    planning.configure({ input: String } as never)
    const problems = problemsOf(
      new Research(planning, pass('Twin'), pass('Twin'), new CollectRunnable({ policy: { quorum: 0 } })),
    )
    expect(problems).toEqual([
      expect.stringContaining('Option `joinOptions.policy` must be'),
      expect.stringContaining('names NeedsArguments, which is not registered, and its constructor needs arguments'),
      expect.stringContaining(
        'advancer "→ Nowhere" of state "Planning" names "Nowhere", and there is no state of that name',
      ),
      expect.stringContaining(
        'Cannot convert output type to input type: "Planning" returns Plan, but "Reporting" takes Report',
      ),
      expect.stringContaining('two states are called "Twin"'),
      expect.stringContaining('the orchestration takes number, but its initial state "Planning" takes string'),
      expect.stringContaining('the orchestration returns number, but "Reporting", where it can end, returns string'),
    ])
  })

  it('S4-33 whose types meet through a conversion is accepted', () => {
    const planning = pass<unknown>('Planning').configure({ output: Plan } as never)
    const reporting = pass<unknown>('Reporting').configure({ input: Report } as never)
    planning.addAdvancer(
      () => true,
      reporting,
      () => ({ title: 'x' }),
    )
    expect(problemsOf(machine(planning))).toEqual([])
  })

  it('accepts a subclass where its parent is declared, not the other way round (LT-4)', () => {
    class DetailedPlan extends Plan {}
    const build = (from: unknown, to: unknown) =>
      machine(
        pass('A')
          .configure({ output: from } as never)
          .addAdvancer(pass('B').configure({ input: to } as never)),
      )
    expect(problemsOf(build(DetailedPlan, Plan))).toEqual([])
    expect(problemsOf(build(Plan, DetailedPlan))).toEqual([
      expect.stringContaining('"A" returns Plan, but "B" takes DetailedPlan'),
    ])
  })

  it('that names a class of which several states are does not guess', () => {
    class Work extends OrchestrationRunnable<unknown, unknown> {
      invoke(input: unknown) {
        return input
      }
    }
    const start = pass('Start').addAdvancer(Work)
    const problems = problemsOf(
      machine(start, new Work().configure({ name: 'A' }), new Work().configure({ name: 'B' })),
    )
    expect(problems).toEqual([expect.stringContaining('names the class Work, but "A", "B" are all of it')])
  })

  it('that names a class that is no runnable, or has an anonymous state, is refused', () => {
    class Other {}
    const start = pass('Start').setAdvancer(advancer('odd', [(() => Other) as never], () => null))
    expect(
      problemsOf(
        machine(
          start,
          new (class extends OrchestrationRunnable<unknown, unknown> {
            invoke(input: unknown) {
              return input
            }
          })(),
        ),
      ),
    ).toEqual([
      expect.stringContaining('anonymous class'),
      expect.stringContaining('names Other, which is not a runnable'),
    ])
  })

  it('S4-11 a class that is named as a target and needs no arguments is registered by itself', async () => {
    class Next extends OrchestrationRunnable<unknown, string> {
      invoke() {
        return 'next'
      }
    }
    expect(await machine(pass('Start').addAdvancer(Next)).run(1)).toBe('next')
    @Advancer({ to: [() => Next, 'End'] })
    class Declared extends OrchestrationAdvancer<unknown> {
      getNextRunnable() {
        return Next
      }
    }
    expect(await machine(pass('Start').addAdvancer(new Declared()), say('End')).run(1)).toBe('next')
  })

  it('cannot be changed after its first run', async () => {
    const start = pass('Start').addAdvancer(say('End'))
    const orchestration = machine(start)
    await orchestration.run(1)
    const frozen = expect.objectContaining({ code: 'DEFINITION_FROZEN' }) as Error
    expect(() => start.addAdvancer(say('Late'))).toThrow(frozen)
    expect(() => start.setAdvancer(advancer('x', [], () => null))).toThrow(frozen)
    expect(() => start.onError(say('Late'))).toThrow(frozen)
    expect(() => start.configure({ name: 'Other' })).toThrow(frozen)
    expect(() => orchestration.register(say('Late'))).toThrow(frozen)
    expect(() => orchestration.configure({ maxSteps: 5 })).toThrow(frozen)
    orchestration.initialRunnable = say('Other')
    await expect(orchestration.run(1)).rejects.toMatchObject({ code: 'DEFINITION_FROZEN' })
    orchestration.initialRunnable = start
    orchestration.resultRunnable = say('Other')
    await expect(orchestration.run(1)).rejects.toMatchObject({ code: 'DEFINITION_FROZEN' })
  })

  it('that was refused can be corrected', async () => {
    const orchestration = new Empty()
    expect(() => orchestration.graph).toThrow(WiringError)
    orchestration.initialRunnable = say('A')
    expect(await orchestration.run(1)).toBe('A')
  })

  it('S4-05 may be made of class fields, which no base constructor has touched', async () => {
    class Fields extends Orchestration<unknown, string> {
      readonly end = say('End')
      override readonly initialRunnable = pass('Start').addAdvancer(this.end)
      override resultRunnable = this.end
    }
    expect(await new Fields().run(1)).toBe('End')
  })

  it('is frozen plain data once it is checked', () => {
    const { graph } = machine(pass('A').addAdvancer(say('B')))
    expect(
      graph.nodes.map(node => [node.name, node.kind, node.advancers.flatMap(each => each.targets?.map(to => to.name))]),
    ).toEqual([
      ['A', 'work', ['B']],
      ['B', 'work', []],
    ])
    expect([
      Object.isFrozen(graph),
      Object.isFrozen(graph.nodes),
      graph.nodes.every(node => Object.isFrozen(node)),
    ]).toEqual([true, true, true])
  })

  it.each([
    [{ name: ' ' }, 'name'],
    [{ reruns: -1 }, 'reruns'],
  ])('refuses %o for a state', (options, option) => {
    expect(() => pass('A').configure(options)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ option }) as unknown }),
    )
  })

  it('keeps its options when new ones are refused', async () => {
    const orchestration = machine(say('A'))
    expect(() => orchestration.configure({ maxSteps: -1 })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    expect(await orchestration.run(1)).toBe('A')
  })
})

describe('declarations', () => {
  class Next extends OrchestrationRunnable<string, string> {
    invoke(text: string) {
      return `${text}!`
    }
  }
  class ToNext extends OrchestrationAdvancer<string> {
    getNextRunnable() {
      return Next
    }
  }
  defineAdvancer(ToNext, { name: 'onwards', to: [() => Next] })

  it('of a class hold for its subclasses, field by field, except the name', async () => {
    @Runnable({ name: 'Base', input: String, output: String, reruns: 2, advancers: [ToNext] })
    class Base extends OrchestrationRunnable<string, string> {
      invoke(text: string) {
        return text
      }
    }
    class Derived extends Base {}
    @Runnable({ reruns: 5 })
    class Deep extends Derived {}
    const node = machine<string>(new Deep()).graph.entry
    expect([node.name, node.input?.name, node.output?.name, node.reruns, node.advancers[0]?.name]).toEqual([
      'Deep',
      'string',
      'string',
      5,
      'onwards',
    ])
    expect(machine<string>(new Base()).graph.entry.name).toBe('Base')
    expect(await machine<string>(new Derived()).run('a')).toBe('a!')
  })

  it('made with functions equal those made with decorators', () => {
    @Runnable({ name: 'Work', input: String, output: Plan, parallelAdvances: true })
    class Decorated extends OrchestrationRunnable<string, Plan> {
      invoke(topic: string) {
        return { topic }
      }
    }
    class Defined extends OrchestrationRunnable<string, Plan> {
      invoke(topic: string) {
        return { topic }
      }
    }
    defineRunnable(Defined, { name: 'Work', input: String, output: Plan, parallelAdvances: true })
    @OrchestrationOptions({ name: 'O', input: String, output: Plan, maxSteps: 3 })
    class DecoratedOrchestration extends Orchestration<string, Plan> {
      override initialRunnable = new Decorated()
    }
    class DefinedOrchestration extends Orchestration<string, Plan> {
      override initialRunnable = new Defined()
    }
    defineOrchestration(DefinedOrchestration, { name: 'O', input: String, output: Plan, maxSteps: 3 })
    const [a, b] = [new DecoratedOrchestration().graph, new DefinedOrchestration().graph]
    const { runnable: _, ...nodeA } = a.entry
    const { runnable: __, ...nodeB } = b.entry
    expect(nodeA).toEqual(nodeB)
    expect([a.name, a.input, a.output]).toEqual([b.name, b.input, b.output])
  })

  it('of a join are about one item', async () => {
    @Runnable({ input: Plan })
    class Gather extends JoinRunnable<Plan, string> {
      join(plans: readonly Plan[]) {
        return plans.map(plan => `${plan instanceof Plan} ${plan.topic}`).join()
      }
    }
    const start = pass<{ topic: string }>('Start').configure({ parallelAdvances: true })
    start.addAdvancer(new Gather() as never)
    expect(await machine<{ topic: string }>(start).run({ topic: 'x' })).toBe('true x')
    await expect(
      machine<{ topic: string }>(pass<{ topic: string }>('S').addAdvancer(new Gather() as never)).run({
        topic: 1,
      } as never),
    ).rejects.toThrow('Input of state "Gather" is not a Plan: topic must be a string')
  })

  it('that make no sense are refused where they are made', () => {
    expect(() => Runnable({ reruns: 0.5 })(Next)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    expect(() => OrchestrationOptions({ timeoutMs: 0 })(Empty)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })
})
