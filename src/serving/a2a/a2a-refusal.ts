import { ensureError } from '../../errors/index.js'
import { isServerFault, Problem, problemOf } from '../problem.js'
import { problemText } from '../problem-text.js'
import type { ServerContext } from '../server-context.js'
import type { A2aSdk } from './a2a-package.js'

/** What A2A leaves to HTTP: who may call, and how much. */
const ofHttp: ReadonlySet<number> = new Set([401, 403, 429, 503])

/** A refusal that is answered by a status of HTTP; `undefined` if A2A has an error for it. */
export function httpRefusal(thrown: unknown): Problem | undefined {
  const problem = thrown instanceof Problem ? thrown : problemOf(thrown)
  return ofHttp.has(problem.status) ? problem : undefined
}

/** An error of A2A for whatever was thrown, with the way out, never a stack. */
export function a2aError(sdk: A2aSdk, { logger }: Pick<ServerContext, 'logger'>, thrown: unknown): Error {
  const { errors } = sdk
  if (thrown instanceof errors.A2AError) return thrown
  if (isServerFault(thrown)) logger.warn('A call over A2A has failed', ensureError(thrown))
  const { status, options } = thrown instanceof Problem ? thrown : problemOf(thrown)
  const message = problemText(thrown)
  if (options.code === 'RUN_UNKNOWN') return new errors.TaskNotFoundError(message.replace('execution', 'task'))
  if (status === 415) return new errors.ContentTypeNotSupportedError(message)
  if (status === 409) return new errors.UnsupportedOperationError(message)
  if (status < 500) return new errors.RequestMalformedError(message)
  return new errors.A2AError(message)
}
