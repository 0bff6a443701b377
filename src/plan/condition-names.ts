/** What a condition can read: the workflow's state, as plain data, in either spelling. */
export const conditionNames: readonly string[] = [
  'results',
  'metadata',
  'status',
  'errors',
  'iterations',
  'workflowId',
  'planId',
  'stepsCompleted',
  'startTime',
  'workflow_id',
  'plan_id',
  'steps_completed',
  'start_time',
]
