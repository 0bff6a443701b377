import { Agent, AgentRunner, agentTool, GuardrailError, guardrail, handoff } from 'advancer'
import { ScriptedModel } from 'advancer/testing'

const client = new ScriptedModel([
  { toolCalls: [{ name: 'transfer_to_Refunds', arguments: { reason: 'wants money back' } }] },
  { toolCalls: [{ name: 'Lawyer', arguments: { input: 'Is a refund due after 10 days?' } }] },
  'Yes, within 14 days.',
  'You will get your money back.',
  'My password is …',
])
const model = 'gpt-4.1-mini'

const lawyer = new Agent({ client, model, name: 'Lawyer', description: 'Knows consumer law.' })
const refunds = new Agent({ client, model, name: 'Refunds', tools: [agentTool(lawyer)] })
const noSecrets = guardrail('no secrets', (text: string) =>
  text.includes('password') ? { reason: 'asks for a password' } : undefined,
)
const triage = new Agent({
  client,
  model,
  name: 'Triage',
  instructions: ({ agent }) => `You are ${agent}. Today is ${new Date().toDateString()}.`,
  handoffs: [handoff(refunds, { description: 'The customer wants money back' })],
  inputGuardrails: [noSecrets],
})

const result = await AgentRunner.run(triage, 'It broke after 10 days!', {
  onEvent: event => {
    if (event.type === 'agent.handoff') console.log(`${event.agent} hands over to ${event.to}: ${event.reason}`)
    if (event.type === 'agent.usage') console.log(event.agent, 'used', event.outputTokens)
  },
})
console.log(result.agent.name, 'says', result.output)

await AgentRunner.run(triage, 'What is your password?').catch((error: unknown) => {
  if (error instanceof GuardrailError) console.log(error.message)
})
