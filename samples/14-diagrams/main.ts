// A definition as a Mermaid diagram, and a run of it as a picture and as a table.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Orchestration,
  type OrchestrationEvent,
  OrchestrationOptions,
  OrchestrationRunnable,
  type RunContext,
  Runnable,
  summaryOf,
  toMermaid,
  toSvg,
  traceOf,
} from 'advancer'
import { IsInt, IsString } from 'class-validator'

class Draft {
  @IsString() text!: string
  @IsInt() round!: number
}

@Runnable({ input: Draft, output: Draft })
class Writing extends OrchestrationRunnable<Draft, Draft> {
  invoke({ text, round }: Draft, context: RunContext): Draft {
    context.usage({ model: 'sample', inputTokens: 100, outputTokens: 20 })
    return { text: `${text} more`, round: round + 1 }
  }
}

@Runnable({ input: Draft, output: Draft })
class Reviewing extends OrchestrationRunnable<Draft, Draft> {
  invoke(draft: Draft): Draft {
    return draft
  }
}

@Runnable({ input: Draft, output: String })
class Publishing extends OrchestrationRunnable<Draft, string> {
  invoke({ text }: Draft): string {
    return text
  }
}

@Runnable({ output: String })
class Apologising extends OrchestrationRunnable<unknown, string> {
  invoke(): string {
    return 'Nothing was written.'
  }
}

// The names of functions are what the diagram shows.
const isShort = ({ round }: Draft): boolean => round < 2

@OrchestrationOptions({ input: Draft, output: String })
class ArticleOrchestration extends Orchestration<Draft, string> {
  constructor() {
    super()
    const reviewing = new Reviewing().addAdvancer(isShort, Writing).addAdvancer(Publishing)
    this.initialRunnable = new Writing().addAdvancer(reviewing).onError(Apologising)
  }
}

const orchestration = new ArticleOrchestration()
const mermaid = toMermaid(orchestration)
console.log(mermaid)

const events: OrchestrationEvent[] = []
orchestration.events$.subscribe(event => events.push(event))
const article = await orchestration.run({ text: 'Bees: ', round: 0 })
const trace = traceOf(events)
console.log(summaryOf(trace))

const folder = mkdtempSync(join(tmpdir(), 'diagrams-'))
try {
  const file = join(folder, 'run.svg')
  writeFileSync(file, toSvg(orchestration, { trace }))
  const picture = readFileSync(file, 'utf8')
  console.log(`A picture of the run: ${picture.length} characters of SVG.`)
  assert.match(picture, /^<svg [^>]*role="img"/)
  assert.match(picture, />Writing<\/text>/)
  assert.match(picture, />240 tokens<\/text>/)
  assert.match(picture, />×2<\/text>/)
} finally {
  rmSync(folder, { recursive: true })
}

assert.equal(article, 'Bees:  more more')
assert.match(mermaid, /^flowchart TB\n/)
assert.match(mermaid, /n0\["Writing<br\/>\(Draft → Draft\)"\]/)
assert.match(mermaid, /\|"\[isShort\]"\| n0/)
assert.match(mermaid, /-\.->\|"on error"\|/)
assert.match(summaryOf(trace), /^ArticleOrchestration: completed, .+, 240 tokens\n\nstate .*\nWriting +2 /)
