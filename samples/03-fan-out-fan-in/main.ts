// Fan-out and fan-in: one plan opens a branch for each of its queries, the branches work side by side, and a join takes up
// their findings in the order of the plan, whichever is done first.
import assert from 'node:assert/strict'
import {
  Advancer,
  JoinRunnable,
  Orchestration,
  OrchestrationAdvancer,
  OrchestrationOptions,
  OrchestrationRunnable,
  type RunContext,
  Runnable,
  sendTo,
} from 'advancer'
import { Type } from 'class-transformer'
import { ArrayNotEmpty, IsInt, IsString, Max, ValidateNested } from 'class-validator'

class Query {
  @IsString() text!: string
  @IsInt() @Max(100) takesMs!: number
}

class SearchPlan {
  @ValidateNested({ each: true }) @Type(() => Query) @ArrayNotEmpty() queries!: Query[]
}

class Finding {
  @IsString() query!: string
  @IsInt() hits!: number
}

class Overview {
  @IsInt() total!: number
  @IsString({ each: true }) lines!: string[]
}

@Runnable({ input: Query, output: Finding })
class Search extends OrchestrationRunnable<Query, Finding> {
  async invoke(query: Query, context: RunContext): Promise<Finding> {
    await context.sleep(query.takesMs)
    return { query: query.text, hits: query.text.length }
  }
}

// `sends` names the states that get a value of their own, so that the join knows who can still reach it.
@Advancer({ sends: [Search] })
class OneBranchPerQuery extends OrchestrationAdvancer<SearchPlan> {
  getNextRunnable(plan: SearchPlan) {
    return plan.queries.map(query => sendTo(Search, query))
  }
}

@Runnable({ input: SearchPlan, output: SearchPlan, advancers: [OneBranchPerQuery] })
class Planning extends OrchestrationRunnable<SearchPlan, SearchPlan> {
  invoke(plan: SearchPlan): SearchPlan {
    return plan
  }
}

@Runnable({ input: Finding, output: Overview })
class Gathering extends JoinRunnable<Finding, Overview> {
  join(findings: readonly Finding[]): Overview {
    const total = findings.reduce((sum, finding) => sum + finding.hits, 0)
    return { total, lines: findings.map(finding => `${finding.query} (${finding.hits})`) }
  }
}

@OrchestrationOptions({ input: SearchPlan, output: Overview })
class WideSearch extends Orchestration<SearchPlan, Overview> {
  constructor() {
    super()
    this.initialRunnable = new Planning()
    this.register(new Search().addAdvancer(Gathering))
  }
}

const search = new WideSearch()
const finished: string[] = []
search.on('state.completed', ({ stateName, output }) => {
  if (stateName === 'Search') finished.push((output as Finding).query)
})

const overview = await search.run({
  queries: [
    { text: 'history', takesMs: 60 },
    { text: 'people', takesMs: 30 },
    { text: 'cost', takesMs: 1 },
  ],
})
console.log(`Finished: ${finished.join(', ')}`)
console.log(`Gathered: ${overview.lines.join(', ')}; ${overview.total} hits`)

assert.deepEqual(finished, ['cost', 'people', 'history'])
assert.deepEqual(overview.lines, ['history (7)', 'people (6)', 'cost (4)'])
assert.equal(overview.total, 17)
