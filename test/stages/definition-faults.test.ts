import { describe, expect, it } from 'vitest'
import { WiringError } from '../../src/core/index.js'
import type { Orchestrator } from '../../src/stages/index.js'
import { type Notes, note, notes } from './states.js'

const refused = async (orch: Orchestrator<Notes>): Promise<readonly string[]> => {
  const error = await orch.run({ notes: [] }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(WiringError)
  return (error as WiringError).problems
}

describe('a definition that cannot run', () => {
  it('is refused before anything runs, with all of its faults at once and the nearest names', async () => {
    const orch = notes('Desk')
    orch.addNode('ingestion', () => {
      throw new Error('it ran')
    })
    orch.addNode('forecaster', note('f'))
    orch.addNode('forecaster', note('again'))
    orch.addNode('w1', note('w1'))
    orch.addNode('w2', note('w2'))
    orch.addParallelGroup('empty', [])
    orch.addParallelGroup('group', ['w1', 'w2', 'w3', 'empty', 'w1'])
    orch.addParallelGroup('ingestion', ['forecaster', 'w2'])
    orch.addEdge('ingestion', 'forcaster')
    orch.addEdge('w1', 'forecaster')
    orch.addEdge('ingestion', 'w2')
    orch.addEdge('end', 'group')
    orch.addEdge('nowhere', 'group')
    orch.addConditionalEdge('group', () => 'x', {})
    orch.addConditionalEdge('group', () => 'x', { x: 'emty', y: 'end' })
    orch.entryPoint = 'ingestoin'
    expect(await refused(orch)).toMatchInlineSnapshot(`
      [
        "two stages are called "forecaster": give one of them another name",
        "a stage and a group are called "ingestion": give one of them another name",
        "group "empty" has no members: name the stages that it consists of",
        "member 2 of group "group", "w2", is in group "ingestion" too: a stage belongs to one group: add it once more under another name",
        "member 3 of group "group" is "w3", and there is no such stage: Did you mean "w1" or "w2"?",
        "member 4 of group "group" is the group "empty": make an orchestrator of its own of it, and that a stage",
        "group "group" has "w1" twice: name each member once",
        "edge "ingestion" → "forcaster" leads to "forcaster", and there is no such stage: There are: ingestion, empty, group",
        "edge "w1" → "forecaster" begins at a member of group "group": wire the group: addEdge('group', …)",
        "edge "w1" → "forecaster" leads to "forecaster", a member of group "ingestion": lead to the group: "ingestion"",
        "edge "ingestion" → "w2" leads to "w2", a member of group "ingestion": lead to the group: "ingestion"",
        ""ingestion" has two plain edges, to "forcaster" and to "w2": use addConditionalEdge() to choose between them, or addParallelGroup() to do both",
        "edge "end" → "group" begins at the end: begin it at a stage or a group",
        "edge "nowhere" → "group" begins at "nowhere", and there is no such stage: There are: ingestion, empty, group",
        "the conditional edge of "group" has no keys: name a stage for each of its keys",
        "conditional edge of "group": key "x" leads to "emty", and there is no such stage: Did you mean "empty"?",
        "its entry point is "ingestoin", and there is no such stage: Did you mean "ingestion"?",
      ]
    `)
  })

  it('is told which stages could be first if that is open', async () => {
    const orch = notes()
    orch.addNode('a', note('a'))
    orch.addNode('b', note('b'))
    expect(await refused(orch)).toEqual([
      "it has no entry point, and several stages that no edge leads to: a, b: say which of them is first: entryPoint = '…'",
    ])
    const circle = notes()
    circle.addNode('a', note('a'))
    circle.addNode('b', note('b'))
    circle.addEdge('a', 'b').addEdge('b', 'a')
    expect(await refused(circle)).toEqual([
      "it has no entry point, and edges lead to all of its stages: a, b: say which of them is first: entryPoint = '…'",
    ])
    expect(await refused(notes())).toEqual(['it has no stages: add some with addNode()'])
    const member = notes()
    member.addNode('w', note('w'))
    member.addParallelGroup('g', ['w'])
    member.entryPoint = 'w'
    expect(await refused(member)).toEqual(['its entry point "w" is a member of group "g": start with the group: "g"'])
  })

  it('has no stages that nothing leads to, where that can be told', async () => {
    const orch = notes()
    orch.addNode('a', () => undefined, { jumps: ['b'] })
    orch.addNode('b', () => undefined, { jumps: [] })
    orch.addNode('lost', note('lost'))
    orch.entryPoint = 'a'
    expect(await refused(orch)).toEqual([
      'no way leads from the entry point "a" to "lost": lead an edge to it, name it in the `jumps` of a stage, or leave it out',
    ])
  })

  it('XR-5 has one plain edge from each stage, and says what to use for more', async () => {
    const orch = notes()
    for (const name of ['a', 'b', 'c']) orch.addNode(name, note(name))
    orch.addEdge('a', 'b').addEdge('a', 'b').addEdge('a', 'c')
    expect(await refused(orch)).toEqual([
      '"a" has two plain edges, to "b" and to "c": use addConditionalEdge() to choose between them, or addParallelGroup() to do both',
    ])
  })

  it('has no groups in groups, no stage in two of them, and nobody in them who says what is next', async () => {
    const orch = notes()
    for (const name of ['a', 'b']) orch.addNode(name, note(name))
    orch.addNode('jumps', () => 'one', { jumps: ['one'] })
    orch.addHumanStage('person', { reject: 'end' })
    orch.addParallelGroup('one', ['a', 'b', 'jumps', 'person'])
    orch.addParallelGroup('two', ['b', 'one'])
    orch.addEdge('one', 'two')
    expect(await refused(orch)).toMatchInlineSnapshot(`
      [
        "member 2 of group "one", "b", is in group "two" too: a stage belongs to one group: add it once more under another name",
        "member 3 of group "one", "jumps", has jumps: leave \`jumps\` out: members of a group cannot say what is next",
        "member 4 of group "one", "person", waits for a person and leads on by itself: put it before or after the group: members of a group cannot say what is next",
        "member 2 of group "two" is the group "one": make an orchestrator of its own of it, and that a stage",
      ]
    `)
  })

  it('cannot be changed any more once it has run', async () => {
    const orch = notes()
    orch.addNode('a', note('a'))
    await orch.run({ notes: [] })
    expect(() => orch.addNode('b', note('b'))).toThrow(/addNode\(\) on orchestrator "Notes" came too late/)
    expect(() => orch.addEdge('a', 'a')).toThrow(/came too late/)
  })

  it('is no orchestrator that is a stage of itself', async () => {
    const orch = notes('Ouroboros')
    orch.addNode('self', orch, { input: s => ({ notes: s.notes }) })
    await expect(orch.run({ notes: [] })).rejects.toThrow(/is a stage of itself/)
  })
})
