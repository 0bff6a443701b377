import { type JsonSchema, schemaOf } from '../schema/index.js'
import { WorkflowDefinition } from './definition/workflow-definition.js'

/** The JSON Schema (2020-12) of {@link WorkflowDefinition}; a new object each time. */
export function workflowJsonSchema(): JsonSchema {
  return schemaOf(WorkflowDefinition).toJsonSchema()
}
