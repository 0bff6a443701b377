import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ModelRequest, ModelResponse } from '../agents/index.js'
import { ensureError, OrchestrationError } from '../errors/index.js'

/** A call of a model, and what it answered. */
export interface RecordedExchange {
  readonly request: ModelRequest
  readonly response: ModelResponse
  /** The text as it came; missing if the answer came in one piece. */
  readonly deltas?: readonly string[]
  /** The reasoning as it came; likewise. */
  readonly reasoningDeltas?: readonly string[]
}

const format = 'advancer-model-recording'
const version = 1

/** @throws MODEL_RECORDING_MISSING if there is no file, or it is no recording */
export function readRecording(file: string): RecordedExchange[] {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (thrown) {
    throw unreadable(file, ensureError(thrown))
  }
  const recording = content as { format?: unknown; version?: unknown; exchanges?: unknown } | null
  const isRecording = recording?.format === format && Array.isArray(recording.exchanges)
  if (!isRecording) throw unreadable(file, new Error(`it has no \`"format": "${format}"\``))
  if (recording.version !== version) {
    throw unreadable(file, new Error(`it has version ${String(recording.version)}, and only ${version} is known here`))
  }
  const exchanges = recording.exchanges as Partial<RecordedExchange>[]
  const broken = exchanges.findIndex(each => typeof each?.request !== 'object' || typeof each?.response !== 'object')
  if (broken >= 0) throw unreadable(file, new Error(`exchange ${broken} lacks a request or a response`))
  return exchanges as RecordedExchange[]
}

/** Writes all at once, so that whoever reads never finds half a file. */
export function writeRecording(file: string, exchanges: readonly RecordedExchange[]): void {
  mkdirSync(dirname(file), { recursive: true })
  const unfinished = `${file}.part`
  writeFileSync(unfinished, `${JSON.stringify({ format, version, exchanges }, undefined, 2)}\n`)
  renameSync(unfinished, file)
}

function unreadable(file: string, cause: Error): OrchestrationError {
  const isMissing = (cause as { code?: unknown }).code === 'ENOENT'
  const what = isMissing ? 'There is no recording' : 'What is there is no recording that can be read'
  return new OrchestrationError(
    `${what} at ${file}${isMissing ? '' : `: ${cause.message}`}. Record it with \`mode: 'record'\` and a model that answers.`,
    { code: 'MODEL_RECORDING_MISSING', details: { file }, ...(isMissing ? {} : { cause }) },
  )
}
