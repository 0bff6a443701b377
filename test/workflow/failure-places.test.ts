import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { Orchestration } from '../../src/core/index.js'
import { type NodeState, nodeStatuses, parseWorkflow } from '../../src/workflow/index.js'
import { step } from '../core/machines.js'
import { agentsOf, call, definition, ran } from './runs.js'

const { agents } = agentsOf({
  boom: () => {
    throw new Error('boom')
  },
  third: ({ index }: { readonly index: number }) => {
    if (index === 2) throw new Error('boom')
    return index
  },
})

const loop = (body: unknown, more: object = {}): object => {
  return { id: 'each', type: 'loop', config: { for_each: [1, 2, 3, 4], body, ...more } }
}
const group = (id: string, ...nodes: readonly object[]): object => ({ id, type: 'parallel_group', config: { nodes } })

describe('a failure inside a node says where it was, in the words of the definition', () => {
  class Inner extends Orchestration<unknown, unknown> {
    override initialRunnable = step('Parse', () => {
      throw new Error('boom')
    })
  }
  const inner = definition([group('g', call('boom'))])
  const sub = { id: 's', type: 'subworkflow', config: { workflow_id: 'inner' } }
  it.each([
    ['a group', [group('g', call('ok'), call('boom'))], 'g.boom'],
    ['a turn of a loop', [loop([call('third')])], 'each[2].third'],
    ['one of several turns at once', [loop([call('third')], { concurrency: 2 })], 'each[2].third'],
    ['a group in a loop', [loop([group('g', call('third'))])], 'each[2].g.third'],
    ['another workflow', [sub], 's.g.boom'],
    ['another workflow with a time', [{ ...sub, timeout: 60 }], 's.g.boom'],
    ['an orchestration in code', [call('code')], 'code.Parse'],
  ])('in %s', async (_, nodes, path) => {
    const environment = {
      agents: (id: string) => (id === 'code' ? new Inner() : agents(id)),
      workflows: () => parseWorkflow(inner),
    }
    const { error, events } = await ran(definition(nodes), environment)
    expect(error.message).toContain(`: Node "${path}" failed: boom`)
    expect(error.message).not.toContain('workflow.')
    const told = events.findLast(event => event.type === 'state.failed' && event.path === undefined)
    expect(told).toMatchObject({ errorMessage: `Node "${path}" failed: boom`, error: { name: 'Error' } })
  })

  it('also where the workflow goes on, and in the rows of nodes', async () => {
    const json = definition([
      { ...loop([call('third')]), on_error: 'next' },
      call('next', { config: { why: '{{each}}' } }),
    ])
    const { agents: all, calls } = agentsOf({ third: agents('third') })
    const { events } = await ran(json, { agents: all })
    const error = { name: 'Error', message: 'Node "each[2].third" failed: boom', code: 'RUN_FAILED' }
    expect(calls.at(-1)?.input.config).toEqual({ why: { error } })
    const [each] = nodeStatuses(parseWorkflow(json), events)
    expect(each).toMatchObject({ status: 'failed' satisfies NodeState, errorMessage: error.message })
  })

  it('and not the states that a group is made of', async () => {
    const hang = (_input: unknown, { signal }: { readonly signal: AbortSignal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    const { agents: all } = agentsOf({ boom: agents('boom'), hang: hang as never })
    const of = (policy: unknown, ...nodes: readonly object[]) => {
      return definition([{ id: 'g', type: 'parallel_group', timeout: 0.05, config: { policy, nodes } }])
    }
    const slow = await ran(of('all', call('hang')), { agents: all })
    expect(slow.error.cause).toMatchObject({
      code: 'RUN_TIMED_OUT',
      message: 'Node "g" did not complete within 50 ms. Give it a longer `timeout`, or take it up with `on_error`.',
    })
    const few = await ran(of({ quorum: 2 }, call('ok'), call('boom'), call('bad', { agent_id: 'boom' })), {
      agents: all,
    })
    expect(few.error.cause).toMatchObject({ code: 'JOIN_INSUFFICIENT' })
    expect(few.error.message).toContain(': Too few nodes of group "g" have completed: 2 needed, 1 arrived.')
    const any = of('any', call('ok'), call('hang'))
    const { events } = await ran(any, { agents: all })
    const [, , stopped] = nodeStatuses(parseWorkflow(any), events)
    expect(stopped).toMatchObject({ status: 'skipped', errorMessage: 'its group no longer needs it' })
  })

  it('and one of the node itself is told as it is', async () => {
    const { error } = await ran(
      definition([{ id: 'w', type: 'loop', config: { while: 'true', max_iterations: 2, body: [call('ok')] } }]),
      { agents },
    )
    expect(error.message).toMatch(/: Loop "w" is not done after 2 turns\./)
    expect(error.cause).toMatchObject({ code: 'NEVER_COMPLETES' })
  })
})
