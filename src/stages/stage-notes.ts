import type { RunContext } from '../core/index.js'

/** What a stage has decided about where to go, kept with the run until its way on is taken. */
interface Jump {
  /** The step that has decided: what an earlier visit left must not count. */
  readonly token: string
  readonly to: string
}

const jumpKey = (state: string): string => `stages.jump:${state}`
const startKey = (stage: string): string => `stages.started:${stage}`

/** Notes where a state leads on to. */
export function noteJump(context: RunContext, to: string): void {
  context.properties.set(jumpKey(context.stateName), { token: context.token, to } satisfies Jump)
}

/** Where this step of a state leads on to, if it has said so. */
export function jumpOf({ properties, stateName, token }: RunContext): string | undefined {
  const jump = properties.get<Jump>(jumpKey(stateName))
  return jump?.token === token ? jump.to : undefined
}

/** Notes that a stage begins that several states make up. */
export function noteStart(context: RunContext, stage: string): void {
  context.properties.set(startKey(stage), context.now())
}

/** When it began. */
export function startOf(context: RunContext, stage: string): number {
  return context.properties.get<number>(startKey(stage)) ?? context.now()
}
