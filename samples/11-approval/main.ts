// A person decides. The run waits at a state of its own; the three outcomes are three classes, each with a way on.
import assert from 'node:assert/strict'
import {
  ApprovalRunnable,
  Approved,
  Expired,
  Orchestration,
  OrchestrationOptions,
  OrchestrationRunnable,
  Rejected,
  Runnable,
} from 'advancer'
import { ManualClock } from 'advancer/testing'
import { Type } from 'class-transformer'
import { IsInt, IsNotEmpty, IsString, Min, ValidateNested } from 'class-validator'

class Draft {
  @IsString() @IsNotEmpty() text!: string
  @IsInt() @Min(1) version!: number
}

class Remark {
  @ValidateNested() @Type(() => Draft) draft!: Draft
  @IsString() comment!: string
}

@Runnable({ input: String, output: Draft })
class Writing extends OrchestrationRunnable<string, Draft> {
  invoke(topic: string): Draft {
    return { text: `All about ${topic}`, version: 1 }
  }
}

@Runnable({ input: Draft, output: String })
class Publishing extends OrchestrationRunnable<Draft, string> {
  invoke({ text, version }: Draft): string {
    return `Published version ${version}: ${text}`
  }
}

@Runnable({ input: Remark, output: Draft })
class Revising extends OrchestrationRunnable<Remark, Draft> {
  invoke({ draft, comment }: Remark): Draft {
    return { text: `${draft.text}, ${comment}`, version: draft.version + 1 }
  }
}

@Runnable({ input: Draft, output: String })
class Shelving extends OrchestrationRunnable<Draft, string> {
  invoke({ text }: Draft): string {
    return `Nobody had time for: ${text}`
  }
}

const oneDayMs = 86_400_000

@OrchestrationOptions({ input: String, output: String })
class Publication extends Orchestration<string, string> {
  readonly approval = new ApprovalRunnable<Draft>({
    message: draft => `Publish version ${draft.version}?`,
    timeoutMs: oneDayMs,
  })

  constructor() {
    super()
    this.approval
      .configure({ name: 'Approval', input: Draft })
      .addAdvancer(
        outcome => outcome instanceof Approved,
        Publishing,
        approved => approved.subject,
      )
      .addAdvancer(
        outcome => outcome instanceof Rejected,
        new Revising().addAdvancer(this.approval),
        rejected => ({
          draft: rejected.subject,
          comment: rejected.decision.comment ?? 'once more',
        }),
      )
      .addAdvancer(
        outcome => outcome instanceof Expired,
        Shelving,
        expired => expired.subject,
      )
    this.initialRunnable = new Writing().addAdvancer(this.approval)
  }
}

const publication = new Publication()

// Ada looks at each draft as soon as she is asked.
const run = publication.start('tides')
run.on('approval.requested', ({ requestId, message, subject }) => {
  console.log(message)
  if ((subject as Draft).text.includes('chart')) return run.approve(requestId, { by: 'Ada' })
  return run.reject(requestId, { by: 'Ada', comment: 'with a chart' })
})
const published = await run.result
console.log(published)
assert.equal(published, 'Published version 2: All about tides, with a chart')

// Nobody answers. A day passes only when this clock is told so.
const clock = new ManualClock()
const ignored = publication.start('clouds', { clock })
await clock.advance(oneDayMs - 1)
console.log(`Open: ${ignored.requests.map(request => request.message).join()} (${ignored.status})`)
assert.equal(ignored.requests.length, 1)
await clock.advance(1)
const shelved = await ignored.result
console.log(shelved)
assert.equal(shelved, 'Nobody had time for: All about clouds')
