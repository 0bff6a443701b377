import { expectTypeOf } from 'vitest'
import type { Orchestration } from '../../src/core/index.js'
import { BaseGraphState, concat, END, type GraphStateInput, Orchestrator } from '../../src/stages/index.js'
import { type Plan, Planning } from './documents.js'

class Desk extends BaseGraphState {
  topic!: string
  score?: number
  notes: string[] = []
  plan?: Plan
}

/** Where calls are chained, edges lead to stages that are there. */
const chained = new Orchestrator({ state: Desk })
  .addNode('a', () => 'b')
  .addNode('b', async state => void state.notes.push('b'))
  .addNode('plan', new Planning(), { input: s => s.topic, output: (s, plan) => void (s.plan = plan) })
  .addHumanStage('review', { reject: END })
  .addParallelGroup('both', ['a', 'b'], { merge: { notes: concat, score: (base, values) => values[0] ?? base ?? 0 } })
  .addEdge('both', 'plan')
  .addEdge('plan', END)
  .addConditionalEdge('review', s => s.score, { 1: 'plan', 2: END })
  .setEntryPoint('both')
expectTypeOf(chained.orchestration).toEqualTypeOf<Orchestration<GraphStateInput<Desk>, Desk>>()
expectTypeOf(chained.run({ topic: 'x' })).toEqualTypeOf<Promise<Desk>>()

// @ts-expect-error a stage that was not added
chained.addEdge('both', 'pln')
// @ts-expect-error likewise
chained.addConditionalEdge('both', s => s.score, { 1: 'pln' })
// @ts-expect-error likewise
chained.addParallelGroup('more', ['a', 'c'])
// @ts-expect-error the state has no such property
void chained.run({ topc: 'x' })
// @ts-expect-error of another type
void chained.run({ topic: 5 })

/** Where they are not, names are texts. */
const open = new Orchestrator({ state: Desk })
open.addNode('a', () => undefined)
open.addEdge('a', 'b')

// @ts-expect-error a stage returns a name, or nothing
open.addNode('number', () => 5)
// @ts-expect-error the state of another class
open.addNode('other', (state: { readonly missing: number }) => void state.missing)
// @ts-expect-error not what the state takes
open.addNode('plan', new Planning(), { input: s => s.notes })
// @ts-expect-error not what the state returns
open.addNode('plan', new Planning(), { input: s => s.topic, output: (s, plan: string) => void s.notes.push(plan) })
// @ts-expect-error somebody has to take the state apart
open.addNode('plan', new Planning())
// @ts-expect-error what a rejection leads to must be said
open.addHumanStage('review', {})
// @ts-expect-error a reducer of another type
open.addParallelGroup('g', ['a'], { merge: { score: (base: string) => base } })
// @ts-expect-error what the orchestrator merges by itself
open.addParallelGroup('g', ['a'], { merge: { usage: base => base } })
// @ts-expect-error no property of the state
open.addParallelGroup('g', ['a'], { merge: { missing: concat } })
// @ts-expect-error no state
new Orchestrator({ state: Date })
