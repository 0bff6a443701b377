import type { ModelResponse } from './model-client.js'
import { ModelError } from './model-error.js'

/**
 * Refuses an answer that is complete for the server but of no use to a caller.
 * @throws MODEL_REFUSED, MODEL_CONTENT_FILTERED or MODEL_OUTPUT_TRUNCATED
 */
export function checkAnswer({ refusal, finishReason, requestId }: ModelResponse, model: string): void {
  const where = { model, ...(requestId === undefined ? {} : { requestId }) }
  if (refusal !== undefined && refusal !== '') {
    throw new ModelError(
      `Model "${model}" declined to answer: ${refusal}. Trying again will not help; ask differently.`,
      {
        code: 'MODEL_REFUSED',
        ...where,
      },
    )
  }
  if (finishReason === 'content_filter') {
    throw new ModelError(
      `The answer of model "${model}" was withheld by a content filter. Trying again will not help; ask differently.`,
      { code: 'MODEL_CONTENT_FILTERED', ...where },
    )
  }
  if (finishReason === 'length') {
    throw new ModelError(
      `The answer of model "${model}" hit the token limit before it was complete. Trying again will not help; raise ` +
        '`settings.maxTokens`, or ask for less.',
      { code: 'MODEL_OUTPUT_TRUNCATED', ...where },
    )
  }
}
