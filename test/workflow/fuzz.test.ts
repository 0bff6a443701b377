import 'reflect-metadata'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import '../fixed-seed.js'
import { OrchestrationError } from '../../src/errors/index.js'
import { schemaOf } from '../../src/schema/index.js'
import {
  compileWorkflow,
  layersOf,
  nodeStatuses,
  parseWorkflow,
  type Workflow,
  WorkflowDefinition,
  WorkflowError,
  workflowOf,
} from '../../src/workflow/index.js'
import { propertyRuns, propertyTimeout } from '../core/property-runs.js'

const inner = { name: 'Inner', nodes: [{ id: 'only', type: 'agent_call', agent_id: 'a' }] }

/** Agents of every id: some fail, some cost, and all answer with what conditions can read. */
const environment = {
  agents: (id: string) => (input: { readonly index?: number }) => {
    if (id === 'fails') throw new Error('it fails')
    return { _cost: 0.01, count: input?.index ?? 1, ok: id === 'a', list: [1, 2], text: id }
  },
  // A retry waits for an open breaker, and nobody has thirty seconds here.
  circuitBreaker: { recovery_timeout: 0.001 },
  workflows: (id: string): Workflow | undefined => (id === 'inner' ? parseWorkflow(inner) : undefined),
}

const names = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5']
/** What is put into nodes. */
interface Ingredients {
  readonly text: fc.Arbitrary<string>
  readonly condition: fc.Arbitrary<string>
  readonly field: fc.Arbitrary<string>
  readonly op: fc.Arbitrary<string>
  readonly workflow: fc.Arbitrary<string>
  /** Where a node may lead, and which may be in its body. */
  readonly targets: (id: string) => readonly string[]
  readonly ends: fc.Arbitrary<object>
}

const goodText = fc.constantFrom(
  'plain',
  '{{input.topic}}',
  'a {{input.topic}} b',
  '{{input}}',
  '{{input.none?}}',
  '{{input.none}}',
)
const goodCondition = fc.constantFrom(
  'true',
  'false',
  'input.n > 2',
  'input.topic == "tides"',
  'input.topic > 3',
  '$.input.n',
  '$..none',
  '$.input.list[?@ > 0.5]',
  'has(input.n)',
)

const careful: Ingredients = {
  text: goodText,
  condition: goodCondition,
  field: fc.constantFrom('input.n', 'input.topic', 'input.none'),
  op: fc.constantFrom('eq', 'neq', 'gt', 'in', 'contains'),
  workflow: fc.constant('inner'),
  targets: id => names.slice(names.indexOf(id) + 1),
  ends: fc.constantFrom(
    { until: 'true' },
    { while: 'index < 2' },
    { for_each: '{{input.list}}' },
    { for_each: [1, 2, 3] },
    { until: 'index >= 1' },
    { for_each: '{{input.n}}' },
  ),
}

const careless: Ingredients = {
  text: fc.oneof(
    goodText,
    fc.constantFrom(
      ...names.map(id => `{{${id}?}}`),
      '{{n0.count}}',
      '{{item?}}',
      '{{index}}',
      '{{last?}}',
      '{{previous?}}',
      '{{missing}}',
      '{{ a.. }}',
      '{{',
    ),
    fc.string(),
  ),
  condition: fc.oneof(
    goodCondition,
    fc.constantFrom(
      ...names.map(id => `${id}.count > 0`),
      ...names.map(id => `$.${id}.list[?@ > 0.5]`),
      'nope.x',
      '>',
      '$[',
      'input.topic',
    ),
    fc.string(),
  ),
  field: fc.constantFrom('input.n', 'n0.count', 'x'),
  op: fc.constantFrom('eq', 'gt', 'bad'),
  workflow: fc.constantFrom('inner', 'none'),
  targets: () => names,
  ends: fc.constantFrom(
    {},
    { until: '>' },
    { for_each: 3 },
    { until: 'true', concurrency: 2 },
    { for_each: [1], concurrency: 2 },
  ),
}

const agent = fc.constantFrom('a', 'b', 'a', 'b', 'a', 'b', 'fails')

function nodeOf(id: string, level: number, ingredients: Ingredients): fc.Arbitrary<object> {
  const { text, condition, field, op, workflow, targets, ends } = ingredients
  const later = level === 0 ? targets(id) : []
  const target = fc.constantFrom(...later, ...(later.length === 0 ? [''] : []))
  const routes = later.length === 0 ? {} : { on_reject: target }
  const branches = later.length === 0 ? {} : { then_branch: target, else_branch: target }
  const common = fc.record({ on_error: fc.constantFrom('continue', 'fail', ...later) }, { requiredKeys: [] })
  const call = fc.record(
    {
      agent_id: agent,
      config: fc.dictionary(fc.constantFrom('q', 'max_length', 'x'), text),
      retry: fc.constant({ max_retries: 2, initial_delay: 0 }),
      fallback: text,
    },
    { requiredKeys: ['agent_id'] },
  )
  const compared = fc.record({ field, op, value: fc.constantFrom(1, 'tides', null, [1], '{{input.n}}') })
  const simple: fc.Arbitrary<object>[] = [
    call.map(more => ({ type: 'agent_call', ...more })),
    fc
      .record({ condition, ...branches }, { requiredKeys: ['condition'] })
      .map(config => ({ type: 'condition', config })),
    compared.map(config => ({ type: 'condition', config })),
    fc.record({ message: text, ...routes }, { requiredKeys: [] }).map(config => ({ type: 'human_approval', config })),
    fc
      .record({ workflow_id: workflow, input: text }, { requiredKeys: ['workflow_id'] })
      .map(config => ({ type: 'subworkflow', config })),
  ]
  const body = (name: string): fc.Arbitrary<object[]> =>
    fc.tuple(nodeOf(`${id}_${name}0`, level + 1, ingredients), nodeOf(`${id}_${name}1`, level + 1, ingredients))
  const group = () =>
    fc.record(
      {
        nodes: body('g'),
        policy: fc.constantFrom('all', 'any', { quorum: 1 }),
        max_concurrency: fc.constantFrom(1, 2),
      },
      { requiredKeys: ['nodes'] },
    )
  const loop = () =>
    fc.tuple(
      fc.record(
        {
          body: body('l'),
          max_iterations: fc.constantFrom(1, 3),
          on_exhausted: fc.constantFrom('fail', 'proceed'),
        },
        { requiredKeys: ['body', 'max_iterations'] },
      ),
      ends,
    )
  const composite: fc.Arbitrary<object>[] =
    level >= 2
      ? []
      : [
          group().map(config => ({ type: 'parallel_group', config })),
          loop().map(([config, end]) => ({ type: 'loop', config: { ...config, ...end } })),
        ]
  return fc.tuple(fc.oneof(...simple, ...composite), common).map(([node, more]) => ({ id, ...node, ...more }))
}

function definitionOf(ingredients: Ingredients, maxEdges: number): fc.Arbitrary<object> {
  const isCareful = ingredients === careful
  return fc
    .tuple(
      fc.tuple(...names.map(id => nodeOf(id, 0, ingredients))),
      fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: maxEdges }),
      fc.option(fc.constantFrom(0, 0.02, 1), { nil: undefined }),
    )
    .map(([nodes, pairs, max_budget]) => ({
      name: 'Random',
      nodes,
      edges: pairs
        .filter(([from, to]) => from < to || (!isCareful && from > to))
        .map(([from, to]) => ({ from: names[from], to: names[to] })),
      ...(max_budget === undefined ? {} : { max_budget }),
    }))
}

const sound = definitionOf(careful, 8)

/** Somewhere in a definition something else is put, or something is taken away. */
const broken = fc
  .tuple(
    sound,
    fc.array(
      fc.tuple(fc.array(fc.nat(), { maxLength: 6 }), fc.option(fc.jsonValue({ maxDepth: 3 }), { nil: undefined })),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([json, changes]) => {
    const copy: unknown = structuredClone(json)
    for (const [way, value] of changes) {
      let at = copy as Record<string, unknown>
      for (const step of way) {
        const keys = Object.keys(at)
        const key = keys[step % Math.max(1, keys.length)]
        const next = key === undefined ? undefined : at[key]
        if (key === undefined) break
        if (typeof next !== 'object' || next === null) {
          if (value === undefined) delete at[key]
          else at[key] = value
          break
        }
        at = next as Record<string, unknown>
      }
    }
    return copy
  })

const definitions: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: sound },
  { weight: 2, arbitrary: definitionOf(careless, 3) },
  { weight: 2, arbitrary: broken },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 5 }) },
)

/** Whether a path leads to something of the definition, or to where something is missing. */
function isLocated(json: unknown, path: string): boolean {
  const steps = path.match(/[^.[\]]+|\[\d+\]|\["(?:[^"\\]|\\.)*"\]/g) ?? []
  let at = json
  for (const [index, step] of steps.entries()) {
    const key = step.startsWith('["') ? (JSON.parse(step.slice(1, -1)) as string) : step.replace(/^\[(\d+)\]$/, '$1')
    if (typeof at !== 'object' || at === null) return index === steps.length
    if (!Object.hasOwn(at, key)) return index >= steps.length - 2
    at = (at as Record<string, unknown>)[key]
  }
  return true
}

function refusalOf(work: () => unknown): WorkflowError | undefined {
  try {
    work()
    return undefined
  } catch (thrown) {
    if (!(thrown instanceof WorkflowError)) throw thrown
    return thrown
  }
}

const seen = { refused: 0, completed: 0, failed: 0, cancelled: 0 }

test(
  'S2-12: every definition is accepted and runs to an end, or is refused with located reasons',
  async () => {
    await fc.assert(
      fc.asyncProperty(definitions, fc.boolean(), async (json, approves) => {
        const refusal = refusalOf(() => compileWorkflow(parseWorkflow(json), environment))
        if (refusal !== undefined) {
          seen.refused++
          expect(refusal.faults.length).toBeGreaterThan(0)
          for (const { path, message } of refusal.faults) {
            expect(message).not.toBe('')
            expect({ path, isLocated: isLocated(json, path) }).toEqual({ path, isLocated: true })
          }
          return
        }
        const workflow = parseWorkflow(json)
        const written: unknown = JSON.parse(JSON.stringify(workflow))
        expect(parseWorkflow(written).toJSON()).toEqual(written)
        expect(() => schemaOf(WorkflowDefinition).parse(written)).not.toThrow()
        expect(layersOf(parseWorkflow(written))).toEqual(layersOf(workflow))
        const orchestration = compileWorkflow(workflow, environment)
        expect(workflowOf(orchestration).definition).toEqual(written)
        const run = orchestration.start(
          { topic: 'tides', n: 3, list: [1, 2] },
          { timeoutMs: 100_000, retainEvents: true },
        )
        run.on('approval.requested', request =>
          approves ? run.approve(request.requestId) : run.reject(request.requestId),
        )
        const failure = await run.result.then(
          () => undefined,
          (error: { cause?: unknown }) => error,
        )
        const { status } = run
        expect(['completed', 'failed', 'cancelled']).toContain(status)
        seen[status as 'completed']++
        if (OrchestrationError.isInstance(failure?.cause)) {
          expect(['RUN_TIMED_OUT', 'UNABLE_TO_ADVANCE', 'ADVANCER_FAILED', 'UNKNOWN_TARGET']).not.toContain(
            failure.cause.code,
          )
        }
        const events: any[] = [] // any: JSON that the test knows the form of
        run.eventsFrom(0).subscribe(event => events.push(event))
        const statuses = nodeStatuses(workflow, events).map(row => row.status)
        if (status === 'completed')
          for (const each of statuses) expect(['completed', 'failed', 'skipped']).toContain(each)
        else expect(statuses).not.toContain('waiting')
      }),
      { numRuns: propertyRuns(300) },
    )
    // A generator that makes nothing but faults would show nothing.
    expect(Math.min(seen.refused, seen.completed, seen.failed, seen.cancelled)).toBeGreaterThan(5)
  },
  propertyTimeout(300),
)
