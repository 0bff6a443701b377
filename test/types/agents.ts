import { expectTypeOf } from 'vitest'
import {
  Agent,
  type Agent as AgentOf,
  type AgentResult,
  AgentRunner,
  agentTool,
  guardrail,
  type Handoff,
  handoff,
  tool,
} from '../../src/agents/index.js'
import { ScriptedModel } from '../../src/testing/index.js'
import { Plan, Report } from './documents.js'

const model = { client: new ScriptedModel([]), model: 'scripted' }
const talker = new Agent(model)
const planner = new Agent({ ...model, outputSchema: Plan })
const reporter = new Agent({ ...model, outputSchema: Report })

/** A handoff goes to an agent of the same type of output. */
expectTypeOf(handoff(planner)).toEqualTypeOf<Handoff<Plan>>()
expectTypeOf(new Agent({ ...model, outputSchema: Plan, handoffs: [planner, handoff(planner)] })).toEqualTypeOf<
  AgentOf<Plan>
>()
expectTypeOf(new Agent({ ...model, handoffs: [talker] })).toEqualTypeOf<AgentOf<string>>()
const mutual: AgentOf<Plan> = new Agent({ ...model, outputSchema: Plan, handoffs: () => [mutual, handoff(planner)] })
// @ts-expect-error a report is no plan
new Agent({ ...model, outputSchema: Plan, handoffs: [reporter] })
// @ts-expect-error a report is no plan, with options neither
new Agent({ ...model, outputSchema: Plan, handoffs: [planner, handoff(reporter)] })
// @ts-expect-error a plan is no text
new Agent({ ...model, handoffs: () => [planner] })

/** Whoever answers has the same type of output. */
expectTypeOf(AgentRunner.run(planner, 'x')).resolves.toEqualTypeOf<AgentResult<Plan>>()
expectTypeOf<AgentResult<Plan>['agent']>().toEqualTypeOf<AgentOf<Plan>>()

/** Guardrails get what they guard. */
const ofPlans = guardrail('plans', (plan: Plan) => (plan.topic === '' ? { reason: 'no topic' } : undefined))
const ofText = guardrail('text', (text: string) => (text === '' ? { reason: 'no text' } : undefined))
new Agent({ ...model, outputSchema: Plan, inputGuardrails: [ofText], outputGuardrails: [ofPlans] })
// @ts-expect-error an input is text
new Agent({ ...model, outputSchema: Plan, inputGuardrails: [ofPlans] })
// @ts-expect-error the output is a plan
new Agent({ ...model, outputSchema: Plan, outputGuardrails: [ofText] })
tool({
  name: 'plan',
  description: 'Plans',
  parameters: Plan,
  guardrails: { arguments: [ofPlans], result: [ofText] },
  execute: plan => plan.topic,
})

/** The arguments of an agent's tool are what its class says. */
agentTool(planner, { parameters: Plan, prompt: plan => plan.topic })
agentTool(talker, { prompt: ({ input }) => input })
