import OpenAI from 'openai'
import { patientFetch } from './patient-fetch.js'
import { startResponder } from './responder/index.js'

/** The model that answers, and how to let go of it. */
export interface ModelServer {
  readonly client: OpenAI
  readonly model: string
  /** One line that says what answers. */
  readonly description: string
  close(): Promise<void>
}

/**
 * With `OPENAI_API_KEY`, that server (`OPENAI_BASE_URL` and `OPENAI_MODEL` are respected). Without, an extractive responder in this
 * process, reached over HTTP through the same client.
 */
export async function openModelServer(env: NodeJS.ProcessEnv): Promise<ModelServer> {
  const { OPENAI_API_KEY: apiKey } = env
  if (apiKey !== undefined && apiKey !== '') {
    // A variable that is set to nothing counts as not set.
    const model = env['OPENAI_MODEL'] || 'gpt-4.1-mini'
    const client = new OpenAI({
      apiKey,
      baseURL: env['OPENAI_BASE_URL']?.trim() || undefined,
      maxRetries: 1,
      fetch: patientFetch,
      // Whatever goes wrong is told in one line, by the caller.
      logLevel: 'off',
    })
    return { client, model, description: `Model: ${model} at ${client.baseURL}`, close: async () => undefined }
  }
  const responder = await startResponder()
  return {
    client: new OpenAI({ apiKey: 'none', baseURL: responder.baseURL, maxRetries: 0 }),
    model: responder.model,
    description: 'Model: embedded extractive responder (set OPENAI_API_KEY to use a language model)',
    close: () => responder.close(),
  }
}
