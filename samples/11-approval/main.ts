// A person decides. The run waits at a state of its own; the three outcomes are three classes, each with a way on.
import assert from 'node:assert/strict'
import {
  ApprovalRunnable,
  Approved,
  Expired,
  Orchestration,
  OrchestrationOptions,
  type OrchestrationRun,
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
      .addAdvancer(outcome => outcome instanceof Approved, Publishing, approved => approved.subject)
      .addAdvancer(outcome => outcome instanceof Rejected, new Revising().addAdvancer(this.approval), rejected => ({
        draft: rejected.subject,
        comment: rejected.decision.comment ?? 'once more',
      }))
      .addAdvancer(outcome => outcome instanceof Expired, Shelving, expired => expired.subject)
    this.initialRunnable = new Writing().addAdvancer(this.approval)
  }
}

// An hour or a day pass only when this clock is told so.
const clock = new ManualClock()
const publication = new Publication().configure({ clock })

/** Starts a run and answers its requests one after the other. */
async function publish(topic: string, ...answers: ((run: OrchestrationRun<string>) => unknown)[]): Promise<string> {
  const run = publication.start(topic)
  run.on('approval.requested', async event => {
    console.log(`${event.message}`)
    await answers.shift()?.(run)
  })
  return run.result
}

const reject = (comment: string) => (run: OrchestrationRun<string>) =>
  run.reject(publication.approval, { by: 'Ada', comment })
const approve = (run: OrchestrationRun<string>) => run.approve('Approval', { by: 'Ada' })
const doNothing = () => clock.advance(oneDayMs)

const published = await publish('tides', reject('with a chart'), approve)
console.log(published)
assert.equal(published, 'Published version 2: All about tides, with a chart')

const shelved = await publish('clouds', doNothing)
console.log(shelved)
assert.equal(shelved, 'Nobody had time for: All about clouds')
