import { OrchestrationRunnable } from 'advancer'

export class Plan {
  topic = ''
}

export class Report {
  title = ''
}

export class Planning extends OrchestrationRunnable<string, Plan> {
  invoke(topic: string) {
    return Object.assign(new Plan(), { topic })
  }
}
