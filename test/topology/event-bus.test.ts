import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Logger } from '../../src/core/index.js'
import { Orchestra } from '../../src/topology/index.js'
import { registryOf } from './scripted-agents.js'

const topology = {
  nodes: ['User', 'Planner', 'Worker1', 'Worker2', 'Editor'],
  edges: [
    'User -> Planner',
    'Planner -> Worker1',
    'Planner -> Worker2',
    'Worker1 -> Editor',
    'Worker2 -> Editor',
    'Editor -> User',
  ],
}

function byName(a: unknown, b: unknown): number {
  return String(a).localeCompare(String(b))
}

function crew() {
  return registryOf({
    Planner: ['plan', 'plan'],
    Worker1: ['one', 'one'],
    Worker2: ['two', 'two'],
    Editor: ['all', 'all'],
  })
}

afterEach(() => vi.restoreAllMocks())

describe('S1-11 the event bus', () => {
  it('tells of branches, steps and agents under the names of S1', async () => {
    const orchestra = new Orchestra(crew())
    const created: string[] = []
    const steps: string[] = []
    const received: unknown[] = []
    const ended: string[] = []
    orchestra.eventBus.subscribe('BranchCreated', event => created.push(`${event.agent} in ${event.branchId}`))
    orchestra.eventBus.subscribe('StepCompleted', ({ agent, response }) => steps.push(`${agent}: ${String(response)}`))
    orchestra.eventBus.subscribe('AgentInvoked', ({ agent, received: said }) => received.push([agent, said]))
    orchestra.eventBus.subscribe('BranchCompleted', ({ branchId, outcome }) => ended.push(`${branchId} ${outcome}`))
    const { branchResults } = await orchestra.execute({ task: 'Analyse', topology })
    const ids = branchResults.map(({ branchId }) => branchId)
    expect(created.map(line => line.split(' in ')[1]).toSorted(byName)).toEqual([...ids].toSorted(byName))
    expect(steps.toSorted(byName)).toEqual(['Editor: all', 'Planner: plan', 'Worker1: one', 'Worker2: two'])
    expect(received).toContainEqual(['Planner', [{ from: 'User', content: 'Analyse' }]])
    expect(received).toContainEqual(['Worker1', [{ from: 'Planner', content: 'plan' }]])
    expect(ended).toHaveLength(ids.length)
    expect(ended.filter(line => line.endsWith('joined'))).toHaveLength(2)
  })

  it('tells where branches come together, and of the run as a whole', async () => {
    const orchestra = new Orchestra(crew())
    const told: unknown[] = []
    orchestra.eventBus.subscribe('RunStarted', ({ task, sessionId }) => told.push(['started', task, sessionId]))
    orchestra.eventBus.subscribe('ConvergenceReached', ({ agent, branches }) => told.push([agent, branches]))
    orchestra.eventBus.subscribe('RunCompleted', () => told.push('completed'))
    const { branchResults } = await orchestra.execute({ task: 'Analyse', topology, sessionId: 's' })
    const workers = branchResults.filter(({ metadata }) => metadata.endedAtConvergence)
    expect(told).toEqual([
      ['started', 'Analyse', 's'],
      ['Editor', workers.map(({ branchId }) => branchId)],
      'completed',
    ])
  })

  it('tells of usage with the agent and the model', async () => {
    const orchestra = new Orchestra(crew())
    const used: unknown[] = []
    orchestra.eventBus.subscribe('UsageReported', ({ agent, model }) => used.push(`${agent} ${model}`))
    await orchestra.execute({ task: 'Analyse', topology })
    expect(used.toSorted(byName)).toEqual([
      'Editor scripted',
      'Planner scripted',
      'Worker1 scripted',
      'Worker2 scripted',
    ])
  })

  it('keeps nothing: who subscribes later hears only what follows', async () => {
    const orchestra = new Orchestra(crew())
    await orchestra.execute({ task: 'first', topology, sessionId: 'first' })
    const sessions = new Set<string>()
    orchestra.eventBus.subscribe('StepStarted', ({ sessionId }) => sessions.add(sessionId))
    await orchestra.execute({ task: 'second', topology, sessionId: 'second' })
    expect([...sessions]).toEqual(['second'])
  })

  it('MA-13 is not harmed by a handler that throws or rejects, and reports it', async () => {
    const warn = vi.fn<Logger['warn']>()
    const orchestra = new Orchestra(crew(), { logger: { ...console, warn } })
    const after: string[] = []
    orchestra.eventBus.subscribe('StepCompleted', () => {
      throw new Error('broken')
    })
    orchestra.eventBus.subscribe('StepStarted', async () => Promise.reject(new Error('broken later')))
    orchestra.eventBus.subscribe('StepCompleted', ({ agent }) => after.push(agent))
    const { success } = await orchestra.execute({ task: 'Analyse', topology })
    expect([success, after.length, warn.mock.calls.length]).toEqual([true, 4, 8])
    expect(warn).toHaveBeenCalledWith(
      'a handler of "StepCompleted" failed',
      expect.objectContaining({ message: 'broken' }),
    )
  })

  it('lets a handler leave, also from within', async () => {
    const orchestra = new Orchestra(crew())
    const heard: string[] = []
    const leave = orchestra.eventBus.subscribe('StepStarted', ({ agent }) => {
      heard.push(agent)
      leave()
    })
    await orchestra.execute({ task: 'Analyse', topology })
    expect(heard).toEqual(['Planner'])
  })

  it('refuses a name that there is none of, with the nearest one', () => {
    const { eventBus } = new Orchestra(crew())
    expect(() => eventBus.subscribe('StepComplete' as never, () => undefined)).toThrow('Did you mean "StepCompleted"')
    expect(() => eventBus.subscribe('StepCompleted', undefined as never)).toThrow('a function')
  })
})
