import { type ErrorCode, OrchestrationError } from '../errors/index.js'
import type { SignalName } from './io.js'

/** What the command ends with; `docs/cli.md` promises them. */
export const ExitCode = {
  Ok: 0,
  Failed: 1,
  Usage: 2,
  Invalid: 3,
  Waiting: 4,
  Interrupted: 130,
  Terminated: 143,
} as const

/** One of the numbers of {@link ExitCode}. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** What each exit code means, for `--help`. */
export const exitCodes: readonly (readonly [number, string])[] = [
  [ExitCode.Ok, 'done'],
  [
    ExitCode.Failed,
    'the run has failed or was cancelled, or the command could not be carried out; for runs diff: they differ',
  ],
  [
    ExitCode.Usage,
    'the command line or the input is wrong, or names what is not there; nothing was done; for runs diff: they cannot be compared',
  ],
  [ExitCode.Invalid, 'the definition is wrong; nothing has run'],
  [ExitCode.Waiting, 'the run waits for somebody; it is paused until it is answered and resumed'],
  [ExitCode.Interrupted, 'ended by Ctrl-C (SIGINT)'],
  [ExitCode.Terminated, 'ended by SIGTERM, or because its terminal was closed'],
]

/** What a command ends with that a signal has ended. */
export function exitCodeOfSignal(signal: SignalName): ExitCode {
  return signal === 'SIGINT' ? ExitCode.Interrupted : ExitCode.Terminated
}

const invalid: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'WIRING_INVALID',
  'TOPOLOGY_INVALID',
  'PLAN_INVALID',
  'WORKFLOW_INVALID',
  'SCHEMA_UNSUPPORTED',
  'CONDITION_INVALID',
])

const usage: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'OPTION_INVALID',
  'PAYLOAD_INVALID',
  'NAME_INVALID',
  'RUN_UNKNOWN',
  'RUN_EXISTS',
  'RUN_ENDED',
  'REQUEST_UNKNOWN',
  'CHECKPOINT_UNKNOWN',
  'ORCHESTRATION_UNKNOWN',
  'WORKFLOW_UNKNOWN',
  'AGENT_UNKNOWN',
])

/** What the command ends with when this was thrown. */
export function exitCodeOf(thrown: unknown): ExitCode {
  if (!OrchestrationError.isInstance(thrown)) return ExitCode.Failed
  if (invalid.has(thrown.code)) return ExitCode.Invalid
  return usage.has(thrown.code) ? ExitCode.Usage : ExitCode.Failed
}
