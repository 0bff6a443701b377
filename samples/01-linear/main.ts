// A pipeline: planning → research → analysis → reporting. Each state takes what the one before it returns, and every value
// that crosses a border is checked against the class declared for it.
import assert from 'node:assert/strict'
import {
  Orchestration,
  OrchestrationFailedError,
  OrchestrationOptions,
  OrchestrationRunnable,
  Runnable,
} from 'advancer'
import { Type } from 'class-transformer'
import { ArrayNotEmpty, IsInt, IsNotEmpty, IsString, Min, ValidateNested } from 'class-validator'

class Plan {
  @IsString() @IsNotEmpty() topic!: string
  @IsString({ each: true }) @ArrayNotEmpty() questions!: string[]
}

class Finding {
  @IsString() question!: string
  @IsInt() @Min(0) sources!: number
}

class Findings {
  @IsString() topic!: string
  @ValidateNested({ each: true }) @Type(() => Finding) items!: Finding[]
}

class Analysis {
  @IsString() topic!: string
  @IsString() strongest!: string
  @IsInt() sources!: number
}

class Report {
  @IsString() @IsNotEmpty() title!: string
  @IsString() summary!: string
}

@Runnable({ input: String, output: Plan })
class Planning extends OrchestrationRunnable<string, Plan> {
  invoke(topic: string): Plan {
    return { topic, questions: [`What is ${topic}?`, `Who needs ${topic}?`, `What does ${topic} cost?`] }
  }
}

@Runnable({ input: Plan, output: Findings })
class Research extends OrchestrationRunnable<Plan, Findings> {
  async invoke({ topic, questions }: Plan): Promise<Findings> {
    return { topic, items: questions.map(question => ({ question, sources: question.length % 10 })) }
  }
}

@Runnable({ input: Findings, output: Analysis })
class Analysing extends OrchestrationRunnable<Findings, Analysis> {
  invoke({ topic, items }: Findings): Analysis {
    const [strongest] = items.toSorted((a, b) => b.sources - a.sources)
    const sources = items.reduce((sum, item) => sum + item.sources, 0)
    return { topic, strongest: strongest?.question ?? 'nothing', sources }
  }
}

@Runnable({ input: Analysis, output: Report })
class Reporting extends OrchestrationRunnable<Analysis, Report> {
  invoke({ topic, strongest, sources }: Analysis): Report {
    return { title: `Report on ${topic}`, summary: `${sources} sources, most of them on "${strongest}"` }
  }
}

@OrchestrationOptions({ input: String, output: Report })
class ReportPipeline extends Orchestration<string, Report> {
  constructor() {
    super()
    const reporting = new Reporting()
    const analysing = new Analysing().addAdvancer(reporting)
    const research = new Research().addAdvancer(analysing)
    this.initialRunnable = new Planning().addAdvancer(research)
  }
}

const pipeline = new ReportPipeline()
const report = await pipeline.run('tidal power')
console.log(`${report.title}: ${report.summary}`)

// What a state returns as a plain object arrives as an instance of the declared class.
assert.ok(report instanceof Report)
assert.equal(report.title, 'Report on tidal power')
assert.equal(report.summary, '9 sources, most of them on "What does tidal power cost?"')

// A plan without a topic does not get past the state that made it.
const failure: unknown = await pipeline.run('').catch((error: unknown) => error)
assert.ok(failure instanceof OrchestrationFailedError)
console.log(`Refused: ${failure.message}`)
assert.equal(failure.stateName, 'Planning')
assert.match(failure.message, /topic/)
