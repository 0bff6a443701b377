import type { FindingSeverity, VerificationFinding } from './analysis/finding.js'

const severities: readonly FindingSeverity[] = ['error', 'warning', 'hint']

/** What {@link verify} found: a list for programs, and a text for people. */
export class VerificationReport {
  /** The name of the orchestration. */
  readonly orchestration: string
  /** Errors first, then warnings, then hints; otherwise in the order of the states. */
  readonly findings: readonly VerificationFinding[]

  constructor(orchestration: string, findings: readonly VerificationFinding[]) {
    this.orchestration = orchestration
    this.findings = severities.flatMap(severity => findings.filter(finding => finding.severity === severity))
  }

  /** Whether it can run: there may be warnings and hints, but no errors. */
  get ok(): boolean {
    return this.errors.length === 0
  }

  /** What keeps it from running. */
  get errors(): readonly VerificationFinding[] {
    return this.findings.filter(({ severity }) => severity === 'error')
  }

  get warnings(): readonly VerificationFinding[] {
    return this.findings.filter(({ severity }) => severity === 'warning')
  }

  get hints(): readonly VerificationFinding[] {
    return this.findings.filter(({ severity }) => severity === 'hint')
  }

  /** The findings as lines of text, each with what to do about it. */
  toString(): string {
    const counts = severities.flatMap(severity => {
      const count = this.findings.filter(finding => finding.severity === severity).length
      return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`]
    })
    const title = `Orchestration "${this.orchestration}": ${counts.length === 0 ? 'nothing found' : counts.join(', ')}`
    return [title, ...this.findings.map(lines)].join('\n')
  }

  /** The report as plain data. */
  toJSON(): { readonly orchestration: string; readonly findings: readonly VerificationFinding[] } {
    return { orchestration: this.orchestration, findings: this.findings }
  }
}

function lines({ severity, code, path = [], message, advice }: VerificationFinding): string {
  const where = path.length === 0 ? '' : `in ${path.join(' / ')}: `
  return `  ${severity} ${code} ${where}${message}\n    → ${advice}`
}
