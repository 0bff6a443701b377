import { Agent, AgentRunner, dropOldest, type ModelMessage, summarise } from 'advancer'
import { ScriptedModel } from 'advancer/testing'

const messages: ModelMessage[] = Array.from({ length: 20 }, (_, index) => [
  { role: 'user', content: `Question ${index}: what is ${index} times two?` } as const,
  { role: 'assistant', content: `It is ${index * 2}.` } as const,
]).flat()

const client = new ScriptedModel(['They talked about numbers.', 'Forty.', 'Forty.'])
const model = 'gpt-4.1-mini'
const short = new Agent({ client, model, contextWindow: summarise({ maxTokens: 300, keepTokens: 100 }) })
const shorter = new Agent({ client, model, contextWindow: dropOldest({ maxTokens: 100 }) })

for (const agent of [short, shorter]) {
  const result = await AgentRunner.run(agent, 'And 20 times two?', { messages })
  console.log(client.requests.at(-1)?.messages.length, 'messages seen,', result.messages.length, 'kept')
}
