import {
  ApprovalRunnable,
  Approved,
  Orchestration,
  OrchestrationOptions,
  OrchestrationRunnable,
  type RunContext,
  Runnable,
} from 'advancer'
import { IsInt, IsNotEmpty, IsString, Min } from 'class-validator'

export class Draft {
  @IsString() @IsNotEmpty() text!: string
  @IsInt() @Min(1) version!: number
}

@Runnable({ input: String, output: Draft })
class Writing extends OrchestrationRunnable<string, Draft> {
  async invoke(topic: string, context: RunContext): Promise<Draft> {
    // Said by one process only, whichever drives the run later.
    const text = await context.once('text', () => {
      console.log(`Writing about ${topic}.`)
      return `All about ${topic}`
    })
    return { text, version: 1 }
  }
}

@Runnable({ input: Draft, output: String })
class Publishing extends OrchestrationRunnable<Draft, string> {
  invoke(draft: Draft): string {
    // What a journal gives back is an instance again.
    return `${draft instanceof Draft ? 'Published' : 'Lost'} version ${draft.version}: ${draft.text}`
  }
}

@Runnable({ input: Draft, output: String })
class Shelving extends OrchestrationRunnable<Draft, string> {
  invoke({ text }: Draft): string {
    return `Shelved: ${text}`
  }
}

@OrchestrationOptions({ input: String, output: String })
export class Publication extends Orchestration<string, string> {
  constructor() {
    super()
    const approval = new ApprovalRunnable<Draft>({ message: ({ version }) => `Publish version ${version}?` })
      .configure({ name: 'Approval', input: Draft })
      .addAdvancer(
        outcome => outcome instanceof Approved,
        Publishing,
        outcome => outcome.subject,
      )
      .addAdvancer(
        () => true,
        Shelving,
        outcome => outcome.subject,
      )
    this.initialRunnable = new Writing().addAdvancer(approval)
  }
}
