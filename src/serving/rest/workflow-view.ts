import type {
  WorkflowFault,
  WorkflowRecord,
  WorkflowSummary,
  WorkflowTemplate,
  WorkflowValidation,
  WorkflowVersion,
  WorkflowVersionSummary,
} from '../../workflow/index.js'
import { wireTime } from '../wire-value.js'
import type {
  WorkflowBody,
  WorkflowFaultBody,
  WorkflowSummaryBody,
  WorkflowTemplateBody,
  WorkflowValidationBody,
  WorkflowVersionBody,
  WorkflowVersionSummaryBody,
} from './workflow-body.js'

/** A workflow as clients get it: its definition, and what is known of it. */
export function workflowBody({ id, status, version, createdAt, updatedAt, workflow }: WorkflowRecord): WorkflowBody {
  const times = { created_at: wireTime(createdAt), updated_at: wireTime(updatedAt) }
  return Object.assign({ id }, workflow.toJSON(), { status, version }, times)
}

export function workflowVersionBody({ id, version, createdAt, workflow }: WorkflowVersion): WorkflowVersionBody {
  return Object.assign({ id }, workflow.toJSON(), { version, created_at: wireTime(createdAt) })
}

export function workflowSummaryBody(summary: WorkflowSummary): WorkflowSummaryBody {
  const { id, name, description, status, version, createdAt, updatedAt } = summary
  return {
    ...{ id, name },
    ...(description === undefined ? {} : { description }),
    ...{ status, version, created_at: wireTime(createdAt), updated_at: wireTime(updatedAt) },
  }
}

export function workflowVersionSummaryBody(summary: WorkflowVersionSummary): WorkflowVersionSummaryBody {
  const { id, version, name, description, createdAt } = summary
  return {
    ...{ id, version, name },
    ...(description === undefined ? {} : { description }),
    created_at: wireTime(createdAt),
  }
}

export function workflowValidationBody({ valid, faults, missing, layers }: WorkflowValidation): WorkflowValidationBody {
  return { valid, errors: faults.map(faultBody), missing: missing.map(faultBody), layers }
}

export function workflowTemplateBody({
  key,
  name,
  description,
  agents,
  workflow,
}: WorkflowTemplate): WorkflowTemplateBody {
  return { key, name, description, agents: [...agents], definition: workflow().toJSON() }
}

function faultBody({ path, message, advice }: WorkflowFault): WorkflowFaultBody {
  return { path, message: `${message} ${advice}`.trimEnd() }
}
