import { describe, expect, it } from 'vitest'
import {
  Advancer,
  OrchestrationAdvancer,
  OrchestrationRunnable,
  type RunContext,
  Runnable,
} from '../../src/core/index.js'
import { begin, machine, pass, rejection, say } from './machines.js'

class Coding extends OrchestrationRunnable<unknown, string> {
  constructor(readonly language = 'any') {
    super()
  }
  invoke(_: unknown, context: RunContext) {
    return `${context.stateName} in ${this.language}`
  }
}

class ToCoding extends OrchestrationAdvancer<string> {
  getNextRunnable(language: string) {
    return new Coding(language)
  }
}

describe('a fresh instance of a registered class (S4-09, S4-11)', () => {
  it('keeps its own fields, and inherits the name and the advancers', async () => {
    const start = pass<string>('Start').setAdvancer(new ToCoding())
    const { run, events } = begin(
      machine<string>(start, new Coding().configure({ name: 'Code' }).addAdvancer(pass('End'))),
      'TypeScript',
    )
    expect(await run.result).toBe('Code in TypeScript')
    expect(events.states).toEqual(['Start', 'Code', 'End'])
  })

  it('inherits advancers that decorators declare', async () => {
    class ToEnd extends OrchestrationAdvancer<string> {
      getNextRunnable() {
        return 'End'
      }
    }
    @Runnable({ advancers: [() => ToEnd] })
    class Declared extends OrchestrationRunnable<unknown, string> {
      mood = 'plain'
      invoke() {
        return this.mood
      }
    }
    @Advancer({ to: [() => Declared] })
    class Dynamic extends OrchestrationAdvancer<unknown> {
      getNextRunnable() {
        return Object.assign(new Declared(), { mood: 'bright' })
      }
    }
    const { run, events } = begin(machine(pass('Start').setAdvancer(new Dynamic()), pass('End')), 1)
    expect(await run.result).toBe('bright')
    expect(events.states).toEqual(['Start', 'Declared', 'End'])
  })

  it('has hooks of its own', async () => {
    const calls: string[] = []
    class Hooked extends Coding {
      override initialize() {
        calls.push(`open ${this.language}`)
      }
      override cleanup() {
        calls.push(`close ${this.language}`)
      }
    }
    class ToHooked extends OrchestrationAdvancer<string> {
      getNextRunnable(language: string) {
        return [new Hooked(language), new Hooked('C')]
      }
    }
    await machine<string>(pass<string>('Start').setAdvancer(new ToHooked()), new Hooked()).run('Go')
    expect(calls).toEqual(['open Go', 'open C', 'close C', 'close Go'])
  })

  it('of a class that is not registered is refused, with the way out', async () => {
    const error = await rejection(
      machine<string>(pass<string>('Start').setAdvancer(new ToCoding()), say('Other')).run('Go'),
    )
    expect(error.cause).toMatchObject({ code: 'UNKNOWN_TARGET' })
    expect(error.message).toContain('Advancer "ToCoding" of state "Start" named Coding')
    expect(error.message).toContain('It has: Start, Other. Add it with this.register(…)')
  })

  it('of a class of which several states are registered is refused', async () => {
    const states = ['A', 'B'].map(name => new Coding().configure({ name }))
    const error = await rejection(
      machine<string>(pass<string>('Start').setAdvancer(new ToCoding()), ...states).run('Go'),
    )
    expect(error.message).toContain('"A", "B" are all of that class')
  })

  it('does not stay: the next visit uses what the next decision made', async () => {
    const seen: string[] = []
    class Visit extends Coding {
      override invoke() {
        seen.push(this.language)
        return this.language === 'C' ? 'done' : String.fromCharCode(this.language.charCodeAt(0) + 1)
      }
    }
    class Next extends OrchestrationAdvancer<string> {
      getNextRunnable(language: string) {
        return language === 'done' ? 'End' : new Visit(language)
      }
    }
    await machine<string>(
      pass<string>('Start').setAdvancer(new Next()),
      new Visit().setAdvancer(new Next()),
      pass('End'),
    ).run('A')
    expect(seen).toEqual(['A', 'B', 'C'])
  })
})
