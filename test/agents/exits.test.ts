import { IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { Agent, type AgentExit, type AgentResult, AgentRunner, tool } from '../../src/agents/index.js'
import { Orchestration, OrchestrationRunnable, type RunContext } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'
import { faultsOf } from './message-rules.js'

class Target {
  @IsString()
  target!: string
}

const allowed = ['Analyst', 'Writer']

const goTo = tool({
  name: 'go_to',
  description: 'Hands the work on',
  parameters: Target,
  execute: ({ target }) => {
    if (!allowed.includes(target)) throw new Error(`cannot go to ${target}. Valid targets: ${allowed.join(', ')}`)
    return `${target} goes on`
  },
})
const stop = tool({ name: 'stop', description: 'Ends the work', execute: () => 'stopped' })

const call = (name: string, args: unknown = {}) => ({ name, arguments: args })

function agentOf(model: ScriptedModel, maxTurns = 5) {
  const search = tool({ name: 'search', description: 'Searches', execute: () => 'found' })
  return new Agent({ client: model, model: 'scripted', tools: [search], maxTurns })
}

async function run(...replies: readonly ScriptedReply[]) {
  const model = new ScriptedModel(replies)
  const result = await AgentRunner.run(agentOf(model), 'Do it', { exits: [goTo, stop] })
  model.assertDone()
  return { model, result, exit: 'exit' in result ? result.exit : undefined }
}

describe('exits of an agent’s run', () => {
  it('are offered beside the agent’s tools, and end the work when one has been called', async () => {
    const { model, result, exit } = await run(
      { toolCalls: [call('search')] },
      { text: 'On it.', toolCalls: [call('go_to', { target: 'Writer' })] },
    )
    expect(model.requests[0]?.tools?.map(({ name }) => name)).toEqual(['search', 'go_to', 'stop'])
    expect(exit).toEqual({ tool: 'go_to', arguments: { target: 'Writer' } })
    expect(exit?.arguments).toBeInstanceOf(Target)
    expect(result).toMatchObject({ text: 'On it.', turns: 2 })
    expect(model.requests.flatMap(faultsOf)).toEqual([])
    expect(result.messages.at(-1)).toMatchObject({ role: 'tool', content: 'Writer goes on' })
  })

  it('leave an agent that does not call them its answer', async () => {
    const { result, exit } = await run('Done.')
    expect(exit).toBeUndefined()
    expect((result as AgentResult<string>).output).toBe('Done.')
  })

  it('that fail are answered with the error, and the model tries again', async () => {
    const { model, exit } = await run(
      { toolCalls: [call('go_to', { target: 'Nobody' })] },
      { toolCalls: [call('go_to', { goal: 'Writer' })] },
      { toolCalls: [call('go_to', { target: 'Analyst' })] },
    )
    expect(exit?.arguments).toEqual({ target: 'Analyst' })
    const told = model.requests.map(({ messages }) => messages.at(-1)?.content)
    expect(told[1]).toContain('Valid targets: Analyst, Writer')
    expect(told[2]).toContain('target must be a string')
  })

  it('are taken one at a time: of several in a turn none is carried out', async () => {
    const { model, exit } = await run(
      { toolCalls: [call('go_to', { target: 'Writer' }), call('search'), call('stop')] },
      { toolCalls: [call('stop')] },
    )
    expect(exit?.tool).toBe('stop')
    const answers = model.requests[1]?.messages.filter(({ role }) => role === 'tool').map(({ content }) => content)
    expect(answers).toEqual([
      'Error: only one of go_to, stop can be called in a turn. Decide which.',
      'found',
      'Error: only one of go_to, stop can be called in a turn. Decide which.',
    ])
  })

  it('may be taken in the last turn, where another tool is one call too many', async () => {
    const last = new ScriptedModel([{ toolCalls: [call('stop')] }])
    const result = await AgentRunner.run(agentOf(last, 1), 'Do it', { exits: [stop] })
    expect((result as AgentExit<string>).exit.tool).toBe('stop')
    const failing = new ScriptedModel([{ toolCalls: [call('go_to', { target: 'Nobody' })] }])
    await expect(AgentRunner.run(agentOf(failing, 1), 'Do it', { exits: [goTo] })).rejects.toMatchObject({
      code: 'MAX_TURNS_EXCEEDED',
    })
  })

  it('must be named other than the agent’s tools', async () => {
    const search = tool({ name: 'search', description: 'Another one', execute: () => '' })
    const asked = AgentRunner.run(agentOf(new ScriptedModel([])), 'Do it', { exits: [search] })
    await expect(asked).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  it('are known after a restart without asking the model or the tool again', async () => {
    const model = new ScriptedModel([{ toolCalls: [call('go_to', { target: 'Writer' })] }])
    let hang: (() => void) | undefined
    const reached = new Promise<void>(resolve => {
      hang = resolve
    })
    class Asking extends OrchestrationRunnable<string, string> {
      async invoke(input: string, context: RunContext) {
        const result = await AgentRunner.run(agentOf(model), input, { context, exits: [goTo] })
        if (hang !== undefined) {
          hang()
          await new Promise(() => {})
        }
        return (result as AgentExit<string>).exit.tool
      }
    }
    class Machine extends Orchestration<string, string> {
      override initialRunnable = new Asking()
    }
    const store = new MemoryJournalStore()
    const first = new Machine().start('Do it', { store, runId: 'r' })
    first.result.catch(() => {})
    await reached
    await store.close()

    hang = undefined
    const again = await new Machine().resume('r', { store: store.reopen() })
    expect(await again.result).toBe('go_to')
    expect(model.requests).toHaveLength(1)
  })
})
