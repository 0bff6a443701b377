import { expectTypeOf } from 'vitest'
import type { Orchestration } from '../../src/core/index.js'
import {
  type ConsensusDecision,
  consensus,
  debate,
  evaluatorOptimizer,
  loopUntil,
  mapReduce,
  parallel,
  router,
  sequence,
  supervisor,
} from '../../src/graph/index.js'
import { Plan, Planning, Query, Report, Reporting, Research, Searching } from './documents.js'

/** What a pattern takes and returns follows from its parts. */
expectTypeOf(sequence([Planning, new Research(), Reporting])).toEqualTypeOf<Orchestration<string, Report>>()
expectTypeOf(sequence([Planning, async (plan: Plan) => plan.queries])).toEqualTypeOf<Orchestration<string, Query[]>>()
expectTypeOf(sequence([sequence([Planning]), Research])).toEqualTypeOf<Orchestration<string, string>>()
expectTypeOf(
  parallel({ branches: [Research, Research], combine: (notes: readonly string[]) => notes.length }),
).toEqualTypeOf<Orchestration<Plan, number>>()
expectTypeOf(
  mapReduce({
    split: (plan: Plan) => plan.queries,
    map: Searching,
    reduce: (notes: readonly string[]) => notes.join(),
  }),
).toEqualTypeOf<Orchestration<Plan, string>>()
expectTypeOf(
  router({ classify: (text: string): 'a' | 'b' => (text === '' ? 'a' : 'b'), routes: { a: Planning, b: Planning } }),
).toEqualTypeOf<Orchestration<string, Plan>>()
expectTypeOf(loopUntil({ body: (plan: Plan) => plan, until: plan => plan.topic !== '' })).toEqualTypeOf<
  Orchestration<Plan, Plan>
>()
expectTypeOf(
  evaluatorOptimizer<string, Plan, number>({
    generate: ({ draft }) => draft ?? new Plan(),
    evaluate: ({ draft }) => draft.queries.length,
    accept: queries => queries > 2,
  }),
).toEqualTypeOf<Orchestration<string, Plan>>()
expectTypeOf(
  debate<string, Query, Report>({ pro: () => new Query(), con: () => new Query(), judge: () => new Report() }),
).toEqualTypeOf<Orchestration<string, Report>>()
expectTypeOf(
  consensus<string, Query, Plan>({
    analysts: [({ input }) => Object.assign(new Query(), { text: input })],
    aggregate: ({ opinions }) => Object.assign(new Plan(), { queries: opinions }),
    supervise: ({ proposal }): ConsensusDecision => ({ decision: proposal.topic === '' ? 'REVISE' : 'APPROVE' }),
  }),
).toEqualTypeOf<Orchestration<string, Plan>>()
expectTypeOf(
  supervisor<string, Plan>({
    decide: ({ workers }) => ({ next: workers[0] ?? 'done', message: '' }),
    workers: { plan: Planning },
  }),
).toEqualTypeOf<Orchestration<string, string>>()

// @ts-expect-error a step that does not take what the one before returns
sequence([Planning, Reporting])

// @ts-expect-error the same further on
sequence([Planning, Research, Research])

// @ts-expect-error no step
sequence([])

// @ts-expect-error branches that take different inputs
parallel({ branches: [Research, Reporting], combine: (all: readonly unknown[]) => all })

// @ts-expect-error what combines takes an array of what the branches return
parallel({ branches: [Research], combine: Reporting })

// @ts-expect-error items of another type
mapReduce({ split: (plan: Plan) => plan.topic.split(''), map: Searching, reduce: (notes: readonly string[]) => notes })

// @ts-expect-error what reduces takes an array of what was made of the items
mapReduce({ split: (plan: Plan) => plan.queries, map: Searching, reduce: Reporting })

// @ts-expect-error an answer of the classifier for which there is no route
router<string, 'a' | 'b', Plan>({ classify: () => 'a', routes: { a: Planning } })

// @ts-expect-error a route that takes another input
router<string, 'a', Plan>({ classify: () => 'a', routes: { a: Research } })

// @ts-expect-error a body that does not take what it returns
loopUntil({ body: Planning, until: () => true })

// @ts-expect-error an evaluator of another draft
evaluatorOptimizer<string, Plan, string>({ generate: () => new Plan(), evaluate: Reporting, accept: () => true })

// @ts-expect-error a judge whose verdict is another
debate<string, Query, Report>({ pro: () => new Query(), con: () => new Query(), judge: () => new Plan() })

// @ts-expect-error a supervisor that decides nothing
consensus<string, Query, Plan>({ analysts: [], aggregate: () => new Plan(), supervise: () => new Plan() })

// @ts-expect-error a worker that takes something else than a task
supervisor<string, string>({ decide: () => ({ next: 'done', message: '' }), workers: { research: Research } })
