/** The JSON of a plan as S3's classes write it. */
export const researchPlan = {
  plan_id: 'plan-1',
  intent: 'Report on AI in healthcare',
  strategy: 'sequential',
  steps: [
    {
      step_id: 'search',
      agent_id: 'searcher',
      task_type: 'search',
      parameters: { topic: 'AI in healthcare' },
      dependencies: [],
      condition: null,
      retry_policy: { max_retries: 3, backoff_type: 'exponential', initial_delay: 1 },
      timeout: 30,
    },
    {
      step_id: 'write',
      agent_id: 'writer',
      task_type: 'write',
      parameters: {},
      dependencies: ['search'],
      condition: 'results.search.data.count > 0',
    },
  ],
  metadata: { author: 'me' },
}

/** A step with nothing but what it needs. */
export function bare(id: string, ...dependencies: string[]) {
  return { step_id: id, agent_id: `${id}-agent`, task_type: id, dependencies }
}

/** A plan of bare steps. */
export function planOf(strategy: string, ...steps: object[]) {
  return { plan_id: 'p', intent: 'something', strategy, steps }
}
