import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answeringNodes } from '../../src/workflow/compile/answering-nodes.js'
import { compileWorkflow, parseWorkflow } from '../../src/workflow/index.js'
import { planOf } from '../../src/workflow/workflow.js'

interface Drawn {
  readonly kind: 'agent' | 'broken' | 'condition'
  /** What a condition comes to. */
  readonly met: boolean
  /** The nodes behind it, as steps forward: what an edge, a branch or a route leads to. */
  readonly edges: readonly number[]
  readonly routes: readonly [number, number]
}

const drawn = fc.array(
  fc.record({
    kind: fc.constantFrom<Drawn['kind']>('agent', 'agent', 'broken', 'condition'),
    met: fc.boolean(),
    edges: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
    routes: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })),
  }),
  { minLength: 1, maxLength: 7 },
)

/** A workflow of nodes that lead forward only. */
function workflowOf(nodes: readonly Drawn[]) {
  const idAt = (index: number) => (index < nodes.length ? `n${index}` : undefined)
  const lead = (name: string, id: string | undefined) => (id === undefined ? {} : { [name]: id })
  return parseWorkflow({
    name: 'Drawn',
    nodes: nodes.map(({ kind, met, routes: [one, other] }, index) => {
      const id = `n${index}`
      const [first, second] = [one, other].map(step => (step === 0 ? undefined : idAt(index + step)))
      if (kind === 'condition')
        return {
          id,
          type: 'condition',
          config: { condition: String(met), ...lead('then_branch', first), ...lead('else_branch', second) },
        }
      return { id, type: 'agent_call', agent_id: kind, on_error: first ?? 'continue' }
    }),
    edges: nodes.flatMap(({ edges }, index) => {
      return edges.flatMap(step =>
        idAt(index + step) === undefined ? [] : { from: `n${index}`, to: idAt(index + step) },
      )
    }),
  })
}

describe('the nodes that are known to be the last one', () => {
  it('have the output of the whole workflow if they complete, whatever way is taken', async () => {
    let known = 0
    await fc.assert(
      fc.asyncProperty(drawn, async nodes => {
        let calls = 0
        const agents = {
          agent: () => `said by ${++calls}`,
          broken: () => {
            throw new Error('broken')
          },
        }
        let workflow: ReturnType<typeof workflowOf>
        try {
          workflow = workflowOf(nodes)
        } catch {
          // Not every drawing is a workflow.
          return
        }
        const { output, ...completed } = await compileWorkflow(workflow, { agents }).run({})
        for (const id of answeringNodes(planOf(workflow))) {
          if (!Object.hasOwn(completed, id)) continue
          known++
          expect(output).toEqual(completed[id])
        }
      }),
      { numRuns: 400 },
    )
    expect(known).toBeGreaterThan(50)
  })

  it('are one for each way that excludes the others, and none where several may be last', () => {
    const call = (id: string, more: object = {}) => ({ id, type: 'agent_call', agent_id: 'agent', ...more })
    const answering = (nodes: readonly object[], edges: readonly object[] = []) =>
      [...answeringNodes(planOf(parseWorkflow({ name: 'x', nodes, edges })))].sort()
    const route = (more: object) => ({ id: 'route', type: 'condition', config: { condition: 'true', ...more } })
    const approval = { id: 'ask', type: 'human_approval', config: { message: '?', on_reject: 'no' } }
    expect(answering([call('a')])).toEqual(['a'])
    expect(answering([call('a'), call('b')])).toEqual([])
    expect(
      answering(
        [call('a'), call('b'), call('c')],
        [
          { from: 'a', to: 'c' },
          { from: 'b', to: 'c' },
        ],
      ),
    ).toEqual(['c'])
    expect(answering([route({ then_branch: 'a', else_branch: 'b' }), call('a'), call('b')])).toEqual(['a', 'b'])
    expect(answering([route({ then_branch: ['a', 'b'] }), call('a'), call('b')])).toEqual([])
    expect(answering([route({ then_branch: 'a' }), call('a')])).toEqual(['a'])
    expect(answering([call('a', { on_error: 'b' }), call('b')])).toEqual(['a', 'b'])
    expect(answering([approval, call('yes'), call('no')], [{ from: 'ask', to: 'yes' }])).toEqual(['no', 'yes'])
  })
})
