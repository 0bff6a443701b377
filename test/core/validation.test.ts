import 'reflect-metadata'
import { Type } from 'class-transformer'
import { IsArray, IsString, registerDecorator, ValidateNested } from 'class-validator'
import { describe, expect, it } from 'vitest'
import {
  Orchestration,
  OrchestrationOptions,
  OrchestrationRunnable,
  Runnable,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { begin, each, machine, pass, rejection, say, step } from './machines.js'

let validations = 0
function Counted(): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name: 'counted',
      target: target.constructor,
      propertyName: propertyName as string,
      validator: { validate: () => (validations++, true) },
    })
}

class Item {
  @IsString()
  query!: string
}
class Plan {
  @IsString()
  @Counted()
  topic!: string
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Item)
  items: Item[] = []
}
class SlowlyChecked {
  @IsString()
  name!: string
}
registerDecorator({
  name: 'later',
  target: SlowlyChecked,
  propertyName: 'name',
  async: true,
  validator: {
    validate: async (value: unknown) => Promise.resolve(value !== 'taken'),
    defaultMessage: () => 'name must be free',
  },
})

function typed(
  name: string,
  types: { input?: unknown; output?: unknown },
  work: (input: never) => unknown = input => input,
) {
  return step<unknown, unknown>(name, work as never).configure({ name, ...types } as never) as OrchestrationRunnable<
    unknown,
    unknown
  >
}

describe('a payload that is not what was declared (S4-02)', () => {
  const wrong = { topic: 'x', items: [{ query: 1 }] }

  it('is refused as input of the run, before anything runs', async () => {
    class Checked extends Orchestration<unknown, unknown> {
      override initialRunnable = pass('A')
    }
    OrchestrationOptions({ input: Plan })(Checked as never)
    const { run, events } = begin(new Checked(), wrong)
    const error = await rejection(run.result)
    expect(error.message).toContain(
      'Input of orchestration "Checked" is not a Plan: items[0].query must be a string (got number)',
    )
    expect(events.types).toEqual(['orchestration.failed'])
  })

  it('is refused as input of a state, which is not invoked', async () => {
    let invoked = false
    const state = typed('Work', { input: Plan }, () => {
      invoked = true
    })
    const { run, events } = begin(machine(pass('Start').addAdvancer(state.addAdvancer(say('After')))), wrong)
    const error = await rejection(run.result)
    expect(error).toMatchObject({
      stateName: 'Work',
      cause: { code: 'PAYLOAD_INVALID', place: { state: 'Work', direction: 'input' } },
    })
    expect(error.message).toContain('Input of state "Work" is not a Plan: items[0].query must be a string (got number)')
    expect([invoked, events.states]).toEqual([false, ['Start', 'Work']])
  })

  it('is refused as output of a state, and nothing after it runs', async () => {
    const { run, events } = begin(machine(typed('Work', { output: Plan }, () => wrong).addAdvancer(say('After'))), 1)
    const error = await rejection(run.result)
    expect(error.message).toContain(
      'Output of state "Work" is not a Plan: items[0].query must be a string (got number)',
    )
    expect(events.states).toEqual(['Work'])
    expect(events.types).not.toContain('state.completed')
  })

  it('is refused as a converted value, and as a value that was sent', async () => {
    const target = () => typed('Work', { input: Plan })
    const converted = pass('Start').addAdvancer(
      () => true,
      target(),
      () => wrong,
    )
    expect((await rejection(machine(converted).run(1))).message).toContain('Input of state "Work" is not a Plan')
    const sent = pass<readonly unknown[]>('Start').setAdvancer(each<unknown>('Work'))
    expect((await rejection(machine(sent, target()).run([wrong]))).message).toContain('items[0].query')
  })

  it('is refused as output of a sub-orchestration', async () => {
    const sub = new SubOrchestrationRunnable(machine(say('Inner'))).configure({ name: 'Sub', output: Plan } as never)
    expect((await rejection(machine(sub as never).run(1 as never))).message).toContain(
      'Output of state "Sub" is not a Plan',
    )
  })

  it('is refused after asynchronous validation too', async () => {
    const build = () => machine(typed('Work', { input: SlowlyChecked, output: SlowlyChecked }))
    expect(await build().run({ name: 'free' })).toBeInstanceOf(SlowlyChecked)
    expect((await rejection(build().run({ name: 'taken' }))).message).toContain('name must be free')
  })
})

describe('a payload that is right', () => {
  const plan = { topic: 'x', items: [{ query: 'a' }] }

  it('arrives as an instance, nested ones included', async () => {
    const seen: unknown[] = []
    const see = (input: Plan) => {
      seen.push(input instanceof Plan, input.items[0] instanceof Item)
      return input
    }
    await machine(typed('A', { input: Plan }, see as never).addAdvancer(typed('B', { input: Plan }, see as never))).run(
      plan,
    )
    expect(seen).toEqual([true, true, true, true])
  })

  it('stays the same object when it is an instance already', async () => {
    const instance = Object.assign(new Plan(), { topic: 'x' })
    expect(
      await machine(typed('A', { input: Plan, output: Plan }).addAdvancer(typed('B', { input: Plan }))).run(instance),
    ).toBe(instance)
  })

  it('is validated once for each boundary where something new comes in, not again on its way', async () => {
    class Checked extends Orchestration<unknown, unknown> {
      override initialRunnable = typed('A', { input: Plan, output: Plan }).addAdvancer(
        typed('B', { input: Plan, output: Plan }),
      )
    }
    OrchestrationOptions({ input: Plan, output: Plan })(Checked as never)
    validations = 0
    await new Checked().run({ ...plan })
    // The input of the run, and the two outputs.
    expect(validations).toBe(3)
  })

  it('is not validated again in a rerun, nor behind an interceptor that hands it on', async () => {
    validations = 0
    let calls = 0
    const again = typed('A', { input: Plan })
      .configure({ reruns: 1 })
      .addAdvancer(() => ++calls > 1, say('End'))
    await machine(again).run({ ...plan })
    expect(validations).toBe(1)
    validations = 0
    const wrapped = typed('A', { output: Plan }).configure({ interceptors: [{ around: (_, next) => next() }] })
    await machine(wrapped).run({ ...plan })
    expect(validations).toBe(1)
  })

  it('is validated again after a conversion', async () => {
    validations = 0
    const start = typed('A', { output: Plan }).addAdvancer(
      () => true,
      typed('B', { input: Plan }),
      value => value,
    )
    await machine(start).run({ ...plan })
    expect(validations).toBe(2)
  })

  it('is declared by decorators in the first place', async () => {
    @Runnable({ input: Plan, output: [Item] })
    class Items extends OrchestrationRunnable<Plan, Item[]> {
      invoke(input: Plan) {
        return input.items
      }
    }
    expect(await machine<Plan, Item[]>(new Items()).run(plan)).toEqual([Object.assign(new Item(), { query: 'a' })])
  })
})
