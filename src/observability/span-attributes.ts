/**
 * Names of the semantic conventions for generative AI, copied from `@opentelemetry/semantic-conventions` 1.45.0, where they are
 * still unstable; a test compares them.
 */
export const GenAi = {
  OperationName: 'gen_ai.operation.name',
  ProviderName: 'gen_ai.provider.name',
  WorkflowName: 'gen_ai.workflow.name',
  AgentName: 'gen_ai.agent.name',
  ResponseModel: 'gen_ai.response.model',
  UsageInputTokens: 'gen_ai.usage.input_tokens',
  UsageOutputTokens: 'gen_ai.usage.output_tokens',
  TokenType: 'gen_ai.token.type',
  ToolName: 'gen_ai.tool.name',
  ToolCallId: 'gen_ai.tool.call.id',
  ToolCallArguments: 'gen_ai.tool.call.arguments',
  ToolCallResult: 'gen_ai.tool.call.result',
  ClientTokenUsage: 'gen_ai.client.token.usage',
} as const

/** Values of {@link GenAi.OperationName}, from the same version. */
export const GenAiOperation = {
  InvokeWorkflow: 'invoke_workflow',
  Chat: 'chat',
  ExecuteTool: 'execute_tool',
} as const

/** Of the stable semantic conventions: what kind of error it was. */
export const errorTypeAttribute = 'error.type'

/** What spans say of a run beyond the semantic conventions. */
export const SpanAttribute = {
  RunId: 'advancer.run.id',
  Orchestration: 'advancer.orchestration',
  Outcome: 'advancer.outcome',
  Reason: 'advancer.reason',
  Steps: 'advancer.steps',
  State: 'advancer.state',
  Token: 'advancer.token',
  Attempt: 'advancer.attempt',
  Handled: 'advancer.handled',
  Cost: 'advancer.cost',
} as const
