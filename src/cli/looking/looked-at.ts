import type { HostedOrchestration } from '../../durability/index.js'
import type { CommandCall } from '../command.js'
import { compileDefinition } from '../loading/compile-definition.js'
import type { JsonKind } from '../loading/definition.js'
import { loadDefinition } from '../loading/load-definition.js'
import { type Missing, withStandIns } from '../loading/stand-ins.js'
import { surroundingsOf } from '../loading/surroundings.js'

/** A definition that is to be looked at, and not run. */
export interface LookedAt {
  readonly orchestration: HostedOrchestration
  readonly missing: readonly Missing[]
}

/** Reads the definition that a command line names; what is missing around it is stood in for. */
export async function lookAt(call: CommandCall): Promise<LookedAt> {
  const { args, io } = call
  const kind = args.value('kind') as JsonKind | undefined
  const definition = await loadDefinition(args.positional(0), { cwd: io.cwd, exportName: args.value('export'), kind })
  const { around, missing } = withStandIns(definition, await surroundingsOf(call))
  return { orchestration: compileDefinition(definition, around), missing }
}
