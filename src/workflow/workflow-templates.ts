import { parseWorkflow } from './parse-workflow.js'
import type { Workflow } from './workflow.js'

/** A workflow to begin with (S2-31, S2-43). */
export interface WorkflowTemplate {
  readonly key: string
  readonly name: string
  readonly description: string
  /** What has to be in the environment. */
  readonly agents: readonly string[]
  /** Parsed anew each time; change its `toJSON()` and parse that. */
  readonly workflow: () => Workflow
}

const sequentialPipeline = {
  name: 'Sequential pipeline',
  description: 'One agent after another, each with what the one before has made.',
  nodes: [
    { id: 'search', type: 'agent_call', agent_id: 'searcher', config: { query: '{{input.topic}}' } },
    { id: 'summarize', type: 'agent_call', agent_id: 'summarizer', config: { text: '{{search}}', max_length: 500 } },
    { id: 'polish', type: 'agent_call', agent_id: 'editor', config: { text: '{{summarize}}' } },
  ],
  edges: [
    { from: 'search', to: 'summarize' },
    { from: 'summarize', to: 'polish' },
  ],
}

const fanOutFanIn = {
  name: 'Fan out, fan in',
  description: 'Several agents at once, and one that makes one thing of what they have found.',
  nodes: [
    { id: 'web', type: 'agent_call', agent_id: 'web-search', config: { query: '{{input.topic}}' } },
    { id: 'academic', type: 'agent_call', agent_id: 'academic-search', config: { query: '{{input.topic}}' } },
    { id: 'merge', type: 'agent_call', agent_id: 'summarizer', config: { sources: ['{{web}}', '{{academic}}'] } },
  ],
  edges: [
    { from: 'web', to: 'merge' },
    { from: 'academic', to: 'merge' },
  ],
}

const humanInTheLoop = {
  name: 'Human in the loop',
  description: 'A draft that a person approves, or sends back to be revised once.',
  nodes: [
    { id: 'draft', type: 'agent_call', agent_id: 'writer', config: { topic: '{{input.topic}}' } },
    {
      id: 'review',
      type: 'human_approval',
      config: { message: 'Publish what was written about {{input.topic}}?', on_reject: 'revise' },
    },
    {
      id: 'revise',
      type: 'agent_call',
      agent_id: 'writer',
      config: { text: '{{draft}}', comment: '{{review.comment?}}' },
    },
    {
      id: 'publish',
      type: 'agent_call',
      agent_id: 'publisher',
      config: { draft: '{{draft}}', revision: '{{revise?}}' },
    },
  ],
  edges: [
    { from: 'draft', to: 'review' },
    { from: 'review', to: 'publish' },
    { from: 'revise', to: 'publish' },
  ],
}

const conditionalRouting = {
  name: 'Conditional routing',
  description: 'An agent classifies, and a condition decides who answers.',
  nodes: [
    { id: 'classify', type: 'agent_call', agent_id: 'classifier', config: { text: '{{input.text}}' } },
    {
      id: 'urgent',
      type: 'condition',
      config: { field: 'classify.priority', op: 'gte', value: 8, then_branch: 'escalate', else_branch: 'answer' },
    },
    { id: 'escalate', type: 'agent_call', agent_id: 'expert', config: { text: '{{input.text}}' } },
    { id: 'answer', type: 'agent_call', agent_id: 'assistant', config: { text: '{{input.text}}' } },
  ],
  edges: [{ from: 'classify', to: 'urgent' }],
}

const refineUntilApproved = {
  name: 'Refine until approved',
  description: 'A writer and a critic take turns until the critic is content, at most five times.',
  nodes: [
    {
      id: 'refine',
      type: 'loop',
      config: {
        body: {
          nodes: [
            {
              id: 'write',
              type: 'agent_call',
              agent_id: 'writer',
              config: { topic: '{{input.topic}}', feedback: '{{last.feedback?}}' },
            },
            {
              id: 'critique',
              type: 'agent_call',
              agent_id: 'critic',
              config: { text: '{{write}}', answer_with: ['score', 'feedback', 'text'] },
            },
          ],
          edges: [{ from: 'write', to: 'critique' }],
        },
        until: 'critique.score >= 8',
        max_iterations: 5,
        on_exhausted: 'proceed',
      },
    },
  ],
  edges: [],
}

const researchAndReview = {
  name: 'Research and review',
  description: 'Questions are planned and researched side by side, and a person approves the report.',
  nodes: [
    { id: 'plan', type: 'agent_call', agent_id: 'planner', config: { topic: '{{input.topic}}' } },
    {
      id: 'research',
      type: 'loop',
      config: {
        for_each: '{{plan.questions}}',
        concurrency: 3,
        body: {
          nodes: [
            {
              id: 'search',
              type: 'agent_call',
              agent_id: 'searcher',
              config: { question: '{{item}}' },
              retry: { max_retries: 3 },
              timeout: 60,
            },
          ],
          edges: [],
        },
      },
    },
    { id: 'report', type: 'agent_call', agent_id: 'writer', config: { findings: '{{research.results}}' } },
    { id: 'review', type: 'human_approval', config: { message: 'Publish the report about {{input.topic}}?' } },
    { id: 'publish', type: 'agent_call', agent_id: 'publisher', config: { report: '{{report}}' } },
  ],
  edges: [
    { from: 'plan', to: 'research' },
    { from: 'research', to: 'report' },
    { from: 'report', to: 'review' },
    { from: 'review', to: 'publish' },
  ],
}

/** Workflows to begin with, each valid as it is. */
export const workflowTemplates: readonly WorkflowTemplate[] = [
  template('sequential-pipeline', sequentialPipeline, ['searcher', 'summarizer', 'editor']),
  template('fan-out-fan-in', fanOutFanIn, ['web-search', 'academic-search', 'summarizer']),
  template('human-in-the-loop', humanInTheLoop, ['writer', 'publisher']),
  template('conditional-routing', conditionalRouting, ['classifier', 'expert', 'assistant']),
  template('refine-until-approved', refineUntilApproved, ['writer', 'critic']),
  template('research-and-review', researchAndReview, ['planner', 'searcher', 'writer', 'publisher']),
]

function template(
  key: string,
  json: { readonly name: string; readonly description: string },
  agents: readonly string[],
): WorkflowTemplate {
  const { name, description } = json
  return { key, name, description, agents, workflow: () => parseWorkflow(json) }
}
