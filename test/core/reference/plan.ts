import fc from 'fast-check'

/** A structured program: every fan-out comes together again, except one at the very end. */
export type Plan =
  | { readonly kind: 'work'; readonly name: string; readonly flaky: boolean }
  | { readonly kind: 'stop'; readonly name: string }
  | { readonly kind: 'sequence'; readonly parts: readonly Plan[] }
  | { readonly kind: 'choice'; readonly name: string; readonly yes: Plan; readonly no: Plan }
  | { readonly kind: 'loop'; readonly name: string; readonly times: number; readonly body: Plan }
  | { readonly kind: 'fan'; readonly name: string; readonly branches: readonly Plan[]; readonly proceed: boolean }

/** A program, and what it fans out to at its end without coming together again. */
export interface Program {
  readonly main: Plan
  readonly tails: readonly Plan[]
}

/** What travels: the text tells the way it came, the stack counts the passes of the loops it is in. */
export interface Parcel {
  readonly text: string
  readonly passes: readonly number[]
}

const plans = fc.letrec<{ plan: Plan }>(tie => {
  const plan = tie('plan')
  const name = fc.constant('')
  return {
    plan: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.record({ kind: fc.constant('work' as const), name, flaky: fc.boolean() }),
      { arbitrary: fc.record({ kind: fc.constant('stop' as const), name }), weight: 1 },
      {
        arbitrary: fc.record({
          kind: fc.constant('sequence' as const),
          parts: fc.array(plan, { minLength: 1, maxLength: 3 }),
        }),
        weight: 3,
      },
      { arbitrary: fc.record({ kind: fc.constant('choice' as const), name, yes: plan, no: plan }), weight: 2 },
      {
        arbitrary: fc.record({
          kind: fc.constant('loop' as const),
          name,
          times: fc.integer({ min: 1, max: 3 }),
          body: plan,
        }),
        weight: 2,
      },
      {
        arbitrary: fc.record({
          kind: fc.constant('fan' as const),
          name,
          branches: fc.array(plan, { minLength: 1, maxLength: 3 }),
          proceed: fc.boolean(),
        }),
        weight: 4,
      },
    ) as fc.Arbitrary<Plan>,
  }
}).plan

/** Random programs whose states have names of their own. */
export const programs: fc.Arbitrary<Program> = fc
  .record({ main: plans, tails: fc.oneof(fc.constant<Plan[]>([]), fc.array(plans, { minLength: 1, maxLength: 3 })) })
  .map(({ main, tails }) => {
    let count = 0
    const named = (plan: Plan): Plan => {
      switch (plan.kind) {
        case 'sequence':
          return { ...plan, parts: plan.parts.map(named) }
        case 'choice':
          return { ...plan, name: `Choice${count++}`, yes: named(plan.yes), no: named(plan.no) }
        case 'loop':
          return { ...plan, name: `Loop${count++}`, body: named(plan.body) }
        case 'fan':
          return { ...plan, name: `Fan${count++}`, branches: plan.branches.map(named) }
        default:
          return { ...plan, name: `${plan.kind === 'work' ? 'Work' : 'Stop'}${count++}` }
      }
    }
    return { main: named(main), tails: tails.map(named) }
  })

/** A number that depends on nothing but the text. */
export function numberOf(text: string): number {
  let hash = 2166136261
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619)
  return (hash ^ (hash >>> 15)) >>> 0
}

/** The decisions of a program, for the engine and for the reference alike. */
export const decide = {
  fails: (name: string, { text }: Parcel): boolean => numberOf(`fail ${name} ${text}`) % 5 === 0,
  stops: (name: string, { text }: Parcel): boolean => numberOf(`stop ${name} ${text}`) % 3 === 0,
  yes: (name: string, { text }: Parcel): boolean => numberOf(`yes ${name} ${text}`) % 2 === 0,
}

/** What several parcels become at a join. */
export function joined(parcels: readonly Parcel[]): Parcel {
  const [{ passes }] = parcels as readonly [Parcel]
  return { text: String(numberOf(parcels.map(({ text }) => text).join('|'))), passes }
}

/** What a parcel becomes in a state. */
export function stamped({ text, passes }: Parcel, name: string): Parcel {
  return { text: String(numberOf(`${text}>${name}`)), passes }
}
