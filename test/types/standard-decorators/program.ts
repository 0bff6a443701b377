// Compiled with the decorators of the standard, and run: they declare the same as TypeScript's older ones.
import { strict as assert } from 'node:assert'
import {
  Advancer,
  CircuitBreaker,
  Fallback,
  Orchestration,
  OrchestrationAdvancer,
  OrchestrationFailedError,
  OrchestrationOptions,
  OrchestrationRunnable,
  Retry,
  Runnable,
  schemaOf,
} from 'advancer'
import { Plan, Planning, Report } from './documents.js'

@Advancer({ to: [() => Reporting], name: 'to the report' })
class PlanAdvancer extends OrchestrationAdvancer<Plan> {
  getNextRunnable() {
    return Reporting
  }
}

@Runnable({ input: String, output: Plan, advancers: [() => PlanAdvancer] })
class DeclaredPlanning extends Planning {}

@Runnable({ input: () => Plan, output: Report, name: 'report' })
class Reporting extends OrchestrationRunnable<Plan, Report> {
  invoke(plan: Plan) {
    return Object.assign(new Report(), { title: plan.topic })
  }
}

@OrchestrationOptions({ input: String, output: Report, maxSteps: 2 })
class Study extends Orchestration<string, Report> {
  constructor() {
    super()
    this.initialRunnable = new DeclaredPlanning()
  }
}

const study = new Study()
const transitions: string[] = []
study.on('state.transition', ({ fromState, toState, advancer }) => {
  transitions.push(`${fromState} -> ${toState} (${advancer})`)
})
const report = await study.run('AI in healthcare')
assert.ok(report instanceof Report)
assert.equal(report.title, 'AI in healthcare')
assert.deepEqual(transitions, ['DeclaredPlanning -> report (to the report)'])

const untyped = study as Orchestration<unknown, Report>
await assert.rejects(untyped.run(42), OrchestrationFailedError)
assert.equal(schemaOf(Report).name, 'Report')

@Fallback(() => Object.assign(new Plan(), { topic: 'none' }))
@Retry({ maxAttempts: 2, initialDelayMs: 0 })
@CircuitBreaker({ failureThreshold: 2 })
class Failing extends Planning {
  override invoke(): Plan {
    throw new Error('no plan')
  }
}

class Resilient extends Orchestration<string, Plan> {
  constructor() {
    super()
    this.initialRunnable = new Failing()
  }
}

const resilient = new Resilient()
const noted: string[] = []
resilient.on('state.retrying', ({ attempt }) => void noted.push(`attempt ${attempt}`))
resilient.on('breaker.changed', ({ to }) => void noted.push(to))
assert.equal((await resilient.run('x')).topic, 'none')
assert.deepEqual(noted, ['attempt 1', 'open'])
