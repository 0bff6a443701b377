import type { Interceptor } from '../../core/index.js'
import { OrchestrationError } from '../../errors/index.js'

/** A step that has used up its attempts fails with the last error (S3-17). */
export const lastErrorOnly: Interceptor = {
  async around(_call, next) {
    try {
      return await next()
    } catch (thrown) {
      const hasGivenUp = OrchestrationError.isInstance(thrown) && thrown.code === 'RETRIES_EXHAUSTED'
      throw hasGivenUp && thrown.cause !== undefined ? thrown.cause : thrown
    }
  },
}
