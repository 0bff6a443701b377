import {
  Agent,
  AgentRunnable,
  type AgentTool,
  approvalInRun,
  type ModelClient,
  type ModelMessage,
  Orchestration,
  tool,
} from 'advancer'
import { IsString } from 'class-validator'
import type OpenAI from 'openai'

class Note {
  @IsString() text!: string
}

const notes: string[] = []

/** A tool with an effect outside: a person is asked first. */
const saveNote: AgentTool = tool({
  name: 'save_note',
  description: 'Saves a note of the user',
  parameters: Note,
  needsPermission: true,
  execute: ({ text }) => `Note ${notes.push(text)} is saved.`,
})

export interface AssistantModel {
  readonly client: OpenAI | ModelClient
  readonly model: string
}

class Answering extends AgentRunnable<readonly ModelMessage[], string> {
  readonly agent: Agent

  constructor({ client, model }: AssistantModel) {
    super()
    this.agent = new Agent({
      client,
      model,
      name: 'Assistant',
      instructions: 'You are a helpful assistant. Answer briefly. Save notes when you are asked to.',
      tools: [saveNote],
      onToolPermission: approvalInRun(),
    })
  }

  override prompt(messages: readonly ModelMessage[]): readonly ModelMessage[] {
    return messages
  }
}

/** Takes a conversation, and returns what is said next. */
export class Assistant extends Orchestration<readonly ModelMessage[], string> {
  constructor(model: AssistantModel) {
    super()
    this.initialRunnable = new Answering(model)
  }
}
