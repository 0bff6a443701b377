// Iterative refinement: process → validate → (refine → validate)* → complete. A loop is a way back; `maxSteps` bounds it.
import assert from 'node:assert/strict'
import {
  Orchestration,
  OrchestrationFailedError,
  OrchestrationOptions,
  OrchestrationRunnable,
  type RunContext,
  Runnable,
} from 'advancer'
import { Type } from 'class-transformer'
import { IsInt, IsString, Length, Min, ValidateNested } from 'class-validator'

class Task {
  @IsString() @Length(1, 200) text!: string
  @IsInt() @Min(1) maxLength!: number
}

class Draft {
  @IsString() text!: string
  @IsInt() maxLength!: number
  @IsInt() revision!: number
}

class Verdict {
  @ValidateNested() @Type(() => Draft) draft!: Draft
  @IsInt() @Min(0) tooLong!: number
}

@Runnable({ input: Task, output: Draft })
class Process extends OrchestrationRunnable<Task, Draft> {
  invoke({ text, maxLength }: Task): Draft {
    return { text, maxLength, revision: 0 }
  }
}

@Runnable({ input: Draft, output: Verdict })
class Validate extends OrchestrationRunnable<Draft, Verdict> {
  invoke(draft: Draft): Verdict {
    return { draft, tooLong: Math.max(0, draft.text.length - draft.maxLength) }
  }
}

// Data that changes from pass to pass travels in the payload: a state's instance is shared by all runs.
@Runnable({ input: Draft, output: Draft })
class Refine extends OrchestrationRunnable<Draft, Draft> {
  invoke({ text, maxLength, revision }: Draft, context: RunContext): Draft {
    const shorter = text.replace(/ \S+$/, '')
    context.emit({ type: 'custom', name: 'refined', data: shorter })
    return { text: shorter, maxLength, revision: revision + 1 }
  }
}

@Runnable({ input: Draft, output: String })
class Complete extends OrchestrationRunnable<Draft, string> {
  invoke({ text, revision }: Draft): string {
    return `${text} (after ${revision} revisions)`
  }
}

// Without a limit of its own a run may invoke 1000 states.
@OrchestrationOptions({ input: Task, output: String, maxSteps: 30 })
class Shortening extends Orchestration<Task, string> {
  constructor() {
    super()
    const refine = new Refine().addAdvancer(Validate)
    const validate = new Validate()
      .addAdvancer(
        verdict => verdict.tooLong === 0,
        Complete,
        verdict => verdict.draft,
      )
      .addAdvancer(
        verdict => verdict.tooLong > 0,
        refine,
        verdict => verdict.draft,
      )
    this.initialRunnable = new Process().addAdvancer(validate)
  }
}

const shortening = new Shortening()
const run = shortening.start({ text: 'The quick brown fox jumps over the lazy dog', maxLength: 20 })
run.on('custom', ({ name, data }) => console.log(`${name}: ${String(data)}`))
console.log(await run.result)
assert.equal(await run.result, 'The quick brown fox (after 5 revisions)')

// A goal that is never reached does not loop for ever.
const failure: unknown = await shortening.run({ text: 'Indivisible', maxLength: 5 }).catch((error: unknown) => error)
assert.ok(failure instanceof OrchestrationFailedError)
console.log(failure.message)
assert.match(failure.message, /Orchestration never completes/)
