/** Where the routes of orchestrations, workflows and executions are (S2-18). */
export const basePath = '/api/v3/orchestration'
