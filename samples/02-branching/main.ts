// A branching workflow: analysis → (data | text | image) → aggregation. `parallelAdvances` follows every way that applies
// instead of the first only; the join waits for the branches that were really opened.
import assert from 'node:assert/strict'
import { JoinRunnable, Orchestration, OrchestrationOptions, OrchestrationRunnable, Runnable } from 'advancer'
import { IsBoolean, IsInt, IsString } from 'class-validator'

class Analysis {
  @IsString() text!: string
  @IsInt() numbers!: number
  @IsInt() words!: number
  @IsBoolean() picture!: boolean
}

class Part {
  @IsString() kind!: string
  @IsString() result!: string
}

@Runnable({ input: String, output: Analysis, parallelAdvances: true })
class Analysing extends OrchestrationRunnable<string, Analysis> {
  invoke(text: string): Analysis {
    return {
      text,
      numbers: text.match(/\b\d+\b/g)?.length ?? 0,
      words: text.match(/\b[a-z]+\b/gi)?.length ?? 0,
      picture: text.includes('[image]'),
    }
  }
}

@Runnable({ input: Analysis, output: Part })
class DataProcessing extends OrchestrationRunnable<Analysis, Part> {
  invoke({ text }: Analysis): Part {
    const sum = (text.match(/\b\d+\b/g) ?? []).reduce((total, number) => total + Number(number), 0)
    return { kind: 'data', result: `numbers add up to ${sum}` }
  }
}

@Runnable({ input: Analysis, output: Part })
class TextProcessing extends OrchestrationRunnable<Analysis, Part> {
  invoke({ words }: Analysis): Part {
    return { kind: 'text', result: `${words} words` }
  }
}

@Runnable({ input: Analysis, output: Part })
class ImageProcessing extends OrchestrationRunnable<Analysis, Part> {
  invoke(): Part {
    return { kind: 'image', result: 'one picture' }
  }
}

@Runnable({ input: Part, output: String })
class Aggregation extends JoinRunnable<Part, string> {
  join(parts: readonly Part[]): string {
    return parts.map(part => `${part.kind}: ${part.result}`).join(', ')
  }
}

@OrchestrationOptions({ input: String, output: String })
class Processing extends Orchestration<string, string> {
  constructor() {
    super()
    const aggregation = new Aggregation()
    this.initialRunnable = new Analysing()
      .addAdvancer(analysis => analysis.numbers > 0, new DataProcessing().addAdvancer(aggregation))
      .addAdvancer(analysis => analysis.words > 0, new TextProcessing().addAdvancer(aggregation))
      .addAdvancer(analysis => analysis.picture, new ImageProcessing().addAdvancer(aggregation))
  }
}

const processing = new Processing()
const expected = new Map([
  ['12 30', 'data: numbers add up to 42'],
  ['three tired tigers', 'text: 3 words'],
  ['Profit of 7 in May [image]', 'data: numbers add up to 7, text: 5 words, image: one picture'],
])
for (const [document, outcome] of expected) {
  const result = await processing.run(document)
  console.log(`"${document}" → ${result}`)
  assert.equal(result, outcome)
}

// A document that fits no way is not dropped silently: the run fails and says which state had no way on.
await assert.rejects(processing.run('...'), /Unable to advance to next state/)
