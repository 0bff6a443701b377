import { expect, it, vi } from 'vitest'
import { Agent, AgentRunner, CachedModel, tool } from '../../src/agents/index.js'
import { ScriptedModel } from '../../src/testing/index.js'

const agentOf = (client: ScriptedModel | CachedModel) => new Agent({ client, model: 'scripted' })

it('a misspelt option of a tool or an agent is refused: it could be the one that asks for permission', () => {
  const definition = { name: 'pay', description: 'Pays', execute: () => 'paid', needsPermision: true }
  expect(() => tool(definition as never)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  expect(() => tool(definition as never)).toThrow('needsPermision')
  const options = { client: new ScriptedModel([]), model: 'm', instruction: 'x' }
  expect(() => new Agent(options as never)).toThrow('instruction')
  expect(() => new Agent(undefined as never)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
})

it('an asynchronous listener of an agent that fails harms nothing', async () => {
  const warned = vi.spyOn(console, 'warn').mockReturnValue()
  const onEvent = async () => Promise.reject(new Error('deaf'))
  const { output } = await AgentRunner.run(agentOf(new ScriptedModel(['done'])), 'x', { onEvent: onEvent as never })
  await new Promise(resolve => setImmediate(resolve))
  expect(output).toBe('done')
  expect(warned).toHaveBeenCalled()
})

it('a cache that fails is as if it had nothing, and loses no answer', async () => {
  const warned = vi.spyOn(console, 'warn').mockReturnValue()
  const broken = {
    get: () => Promise.reject(new Error('get down')),
    set: () => Promise.reject(new Error('set down')),
  }
  const client = new ScriptedModel(['one', 'two'])
  expect((await AgentRunner.run(agentOf(new CachedModel(client, { cache: broken })), 'x')).output).toBe('one')
  const odd = { get: () => ({ foo: 1 }) as never, set: () => undefined }
  expect((await AgentRunner.run(agentOf(new CachedModel(client, { cache: odd })), 'x')).output).toBe('two')
  expect(warned).toHaveBeenCalledTimes(2)
})
