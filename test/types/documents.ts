import { Orchestration, OrchestrationAdvancer, OrchestrationRunnable } from '../../src/core/index.js'

export class Query {
  text = ''
}

export class Plan {
  topic = ''
  queries: Query[] = []
}

/** Fits wherever a Plan does. */
export class DetailedPlan extends Plan {
  chapters: string[] = []
}

export class Report {
  title = ''
  summary = ''
}

export class Planning extends OrchestrationRunnable<string, Plan> {
  invoke(topic: string): Plan {
    return Object.assign(new Plan(), { topic })
  }
}

export class DetailedPlanning extends OrchestrationRunnable<string, DetailedPlan> {
  invoke(topic: string): DetailedPlan {
    return Object.assign(new DetailedPlan(), { topic })
  }
}

export class Searching extends OrchestrationRunnable<Query, string> {
  constructor(readonly index = 'web') {
    super()
  }

  invoke(query: Query): string {
    return `${this.index}: ${query.text}`
  }
}

export class Research extends OrchestrationRunnable<Plan, string> {
  invoke(plan: Plan): string {
    return plan.topic
  }
}

export class DetailedResearch extends OrchestrationRunnable<DetailedPlan, string> {
  invoke(plan: DetailedPlan): string {
    return plan.chapters.join()
  }
}

export class Reporting extends OrchestrationRunnable<string, Report> {
  invoke(notes: string): Report {
    return Object.assign(new Report(), { summary: notes })
  }
}

/** Takes anything. */
export class Logging extends OrchestrationRunnable<unknown, string> {
  invoke(value: unknown): string {
    return String(value)
  }
}

export class PlanAdvancer extends OrchestrationAdvancer<Plan> {
  getNextRunnable() {
    return Research
  }
}

export class ReportAdvancer extends OrchestrationAdvancer<Report, string> {
  override convertOutput(report: Report): string {
    return report.title
  }
  getNextRunnable() {
    return Reporting
  }
}

export class Study extends Orchestration<string, Report> {
  constructor() {
    super()
    this.initialRunnable = new Planning().setAdvancer(new PlanAdvancer())
    this.register(new Research().addAdvancer(Reporting), new Reporting())
  }
}
