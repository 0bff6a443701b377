/**
 * Every `code` an {@link OrchestrationError} of this package can carry, with what it means.
 * Codes are stable: a program may branch on them, a log may be searched for them.
 */
export const errorCodes = {
  WIRING_INVALID:
    'The definition is wrong (unknown target, duplicate name, types that do not meet …); nothing has run.',
  DEFINITION_FROZEN: 'The definition was changed after its first run.',
  PAYLOAD_INVALID: 'A value at a boundary is not what was declared there.',
  PAYLOAD_NOT_SERIALIZABLE: 'A value cannot be written as JSON, or stored JSON cannot be read back.',
  SCHEMA_UNSUPPORTED: 'A payload class cannot be described or validated as declared.',
  UNABLE_TO_ADVANCE: 'A state has advancers, but none matched its output.',
  UNKNOWN_TARGET: 'An advancer named a runnable that the orchestration does not have.',
  CANNOT_CONVERT: 'The output of a state does not fit the input of the next, and the advancer does not convert it.',
  ADVANCER_FAILED: 'A condition, conversion or target selection of an advancer threw.',
  STATE_FAILED: 'A state threw and no route handled it.',
  FAN_OUT_TOO_WIDE: 'An output fans out to more branches than `maxFanOut` allows.',
  BUDGET_EXCEEDED: 'A budget is used up, or a report has gone beyond it.',
  PRICE_UNKNOWN: 'A budget on money cannot tell what a model has cost.',
  STATE_TIMED_OUT: 'An attempt of a state took too long, or was silent for too long.',
  RETRIES_EXHAUSTED: 'A retry has given up; `cause` is the error of the last attempt.',
  CIRCUIT_OPEN: 'A circuit breaker lets no calls through at the moment.',
  BULKHEAD_FULL: 'A bulkhead has neither a slot nor a place in its queue.',
  RATE_LIMITED: 'A rate limit has no turn soon enough.',
  NEVER_COMPLETES: 'The run reached its step limit.',
  RUN_TIMED_OUT: 'The run took longer than its `timeoutMs`.',
  RUN_FAILED: 'The run failed; `cause` says why.',
  RUN_CANCELLED: 'The run was cancelled.',
  NO_OUTPUT: 'The run ended without any output.',
  JOIN_INSUFFICIENT: 'A join got fewer branches than its policy asks for.',
  SIGNAL_EXPIRED: 'Nobody sent the signal a state was waiting for in time.',
  REQUEST_UNKNOWN: 'No open request matches the answer, or more than one does.',
  EVENTS_NOT_RETAINED: 'A replay was asked for that the run has not kept.',
  RECORDER_FAILED: 'The recorder could not store what happened; the run has stopped.',
  PACKAGE_MISSING: 'An optional package that this feature needs is not installed.',
  OPTION_INVALID: 'An option is out of range or of the wrong type.',
  MODEL_FAILED: 'A call to a language model failed.',
  MODEL_RATE_LIMITED: 'The model server asked to slow down.',
  MODEL_TIMED_OUT: 'The model server did not answer in time.',
  MODEL_UNREACHABLE: 'No connection to the model server.',
  MODEL_AUTHENTICATION: 'The model server refused the key.',
  MODEL_STREAM_CUT: 'The answer of the model ended in the middle.',
  MODEL_REFUSED: 'The model declined to answer.',
  MODEL_CONTENT_FILTERED: 'The answer was withheld by a content filter.',
  MODEL_OUTPUT_TRUNCATED: 'The answer hit the token limit before it was complete.',
  MODEL_OUTPUT_INVALID: 'The answer is not what the output schema asks for, even after the repair attempt.',
  MAX_TURNS_EXCEEDED: 'The agent did not come to an answer within its turns.',
  TOOL_FAILED: 'A tool threw.',
  CHAT_BUSY: 'The chat runtime is already working on a message.',
} as const

/** One of the keys of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes
