import { describe, expect, it } from 'vitest'
import { PatternConfig } from '../../src/topology/index.js'
import { play, type Script } from './agents-at-work.js'

const tree = {
  Manager: ['TeamLead1', 'TeamLead2'],
  TeamLead1: ['Dev1', 'Dev2'],
  TeamLead2: ['Dev3', 'Dev4'],
}

const leads =
  (name: string): Script =>
  (_, turn) =>
    `${name} ${turn === 1 ? 'asks' : 'sums up'}`

const scripts = {
  Manager: leads('Manager'),
  TeamLead1: leads('TeamLead1'),
  TeamLead2: leads('TeamLead2'),
  Dev1: 'd1',
  Dev2: 'd2',
  Dev3: 'd3',
  Dev4: 'd4',
}

describe('S1-17: a hierarchy of three levels', () => {
  it('S1-66 hands tasks down and brings results back up', async () => {
    const { steps, cast, outcome } = await play(PatternConfig.hierarchical({ tree }), scripts, {
      task: 'Create technical documentation',
      context: { format: 'markdown' },
      maxSteps: 50,
    })
    expect(steps).toEqual([
      ...['Manager', 'TeamLead1', 'Dev1', 'Dev2', 'TeamLead1'],
      ...['TeamLead2', 'Dev3', 'Dev4', 'TeamLead2', 'Manager'],
    ])
    expect(cast.asked('TeamLead2')[1]).toBe('From Dev3:\nd3\n\nFrom Dev4:\nd4')
    expect(cast.asked('Manager')[1]).toBe('From TeamLead1:\nTeamLead1 sums up\n\nFrom TeamLead2:\nTeamLead2 sums up')
    expect(outcome?.response).toBe('Manager sums up')
  })

  it('S1-39 S1-44 gives every agent below a branch of its own', async () => {
    const { events } = await play(PatternConfig.hierarchical({ tree }), scripts)
    const created = events.flatMap(event => (event.type === 'branch.created' ? [event.branch] : []))
    const ended = events.flatMap(event => (event.type === 'branch.completed' ? [event.branch] : []))
    expect(new Set(created).size).toBe(created.length)
    expect([...ended].sort()).toEqual([...created].sort())
    expect(created).toHaveLength(1 + 2 + 4)
  })

  it('hands over for good where the edges lead one way only: every end answers to the user', async () => {
    const { outcome } = await play(PatternConfig.hierarchical({ tree, reflexive: false }), scripts)
    expect(outcome?.response).toEqual({ Dev1: 'd1', Dev2: 'd2', Dev3: 'd3', Dev4: 'd4' })
    expect(outcome?.answers.map(({ branch }) => branch)).toEqual([
      ...['0:0.0:0.0:0.0', '0:0.0:0.0:0.1'],
      ...['0:0.0:0.1:0.0', '0:0.0:0.1:0.1'],
    ])
  })
})
