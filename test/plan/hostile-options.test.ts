import { describe, expect, it } from 'vitest'
import { MemoryRegistryClient, WorkflowEngine } from '../../src/plan/index.js'

describe('options of the wrong type', () => {
  it.each([0, -1, 1.5, Number.NaN, 'x'])('an engine is not made with %s agents at a time', value => {
    const options = { maxParallelAgents: value as number }
    expect(() => new WorkflowEngine(new MemoryRegistryClient(), options)).toThrow(
      'Option `maxParallelAgents` must be a whole number of at least 1',
    )
  })

  it('an agent is not registered with capabilities that are no list', () => {
    const options = { capabilities: 'search' as unknown as string[] }
    expect(() => new MemoryRegistryClient().register('a', () => 1, options)).toThrow(
      'Option `capabilities` must be a list of capabilities, but is "search"',
    )
  })
})
