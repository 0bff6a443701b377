import { OrchestrationError } from '../../errors/index.js'
import { type FindingSeverity, type VerificationFinding, verify } from '../../graph/index.js'
import type { CommandCall } from '../command.js'
import { ExitCode, exitCodeOf } from '../exit-code.js'
import type { Missing } from '../loading/stand-ins.js'
import { printable, printableLine } from '../terminal/printable.js'
import { type LookedAt, lookAt } from './looked-at.js'

/** `advancer verify`. */
export async function verifyDefinition(call: CommandCall): Promise<ExitCode> {
  const { args, terminal } = call
  let looked: LookedAt
  try {
    looked = await lookAt(call)
  } catch (thrown) {
    if (args.has('json') && exitCodeOf(thrown) === ExitCode.Invalid && OrchestrationError.isInstance(thrown)) {
      const { code, message, details } = thrown
      terminal.json({
        valid: false,
        orchestration: null,
        error: { code, message, ...details },
        findings: [],
        missing: [],
      })
      return ExitCode.Invalid
    }
    throw thrown
  }
  const { orchestration, missing } = looked
  const { findings, ok } = verify(orchestration)
  const isStrict = args.has('strict')
  const isGood = ok && !(isStrict && (missing.length > 0 || findings.some(({ severity }) => severity === 'warning')))
  if (args.has('json')) {
    terminal.json({
      valid: isGood,
      orchestration: orchestration.name,
      findings: findings.map(({ stateName, ...finding }) => {
        return { ...finding, ...(stateName === undefined ? {} : { state_name: stateName }) }
      }),
      missing,
    })
  } else writeFindings(call, looked, findings)
  return isGood ? ExitCode.Ok : ExitCode.Invalid
}

function writeFindings(
  { terminal }: CommandCall,
  { orchestration, missing }: LookedAt,
  findings: readonly VerificationFinding[],
): void {
  const { out } = terminal
  const { bold, green, red, yellow, cyan, dim } = out.styles
  const styles: Readonly<Record<FindingSeverity, (text: string) => string>> = {
    error: red,
    warning: yellow,
    hint: cyan,
  }
  for (const { severity, code, path = [], message, advice } of findings) {
    const where = path.length === 0 ? '' : `in ${printableLine(path.join(' / '))}: `
    out.line(`${styles[severity](severity)} ${where}${printable(message)} ${dim(`[${code}]`)}`)
    out.line(`  ${out.symbols.arrow} ${printable(advice)}`)
  }
  for (const { kind, name } of missing) out.line(missingLine(kind, name, cyan))
  const counts = (['error', 'warning', 'hint'] as const).flatMap(severity => {
    const count = findings.filter(finding => finding.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`]
  })
  const isSound = !findings.some(({ severity }) => severity === 'error')
  const sign = isSound ? green(out.symbols.done) : red(out.symbols.failed)
  const states = orchestrationSize(orchestration)
  const sum = [...counts, ...(missing.length === 0 ? [] : [`${missing.length} missing`])]
  out.line(
    `${sign} ${bold(printableLine(orchestration.name))}${states}: ${sum.length === 0 ? 'nothing found' : sum.join(', ')}`,
  )
}

function missingLine(kind: Missing['kind'], name: string, style: (text: string) => string): string {
  const option = kind === 'agent' ? '--agents' : '--workflows'
  return `${style('missing')} ${kind} "${printableLine(name)}" is not at hand; give it with ${option}.`
}

function orchestrationSize(orchestration: LookedAt['orchestration']): string {
  try {
    const { length } = orchestration.graph.nodes
    return ` (${length} ${length === 1 ? 'state' : 'states'})`
  } catch {
    // Its findings say why it has no graph.
    return ''
  }
}
