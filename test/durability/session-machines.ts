import { ApprovalRunnable, Approved, CollectRunnable, type Orchestration } from '../../src/core/index.js'
import { fork, machine, step } from '../core/machines.js'

/** Work that ends when the test says so, and tells when it has begun. */
export function gate() {
  let open!: () => void
  let enter!: () => void
  const opened = new Promise<void>(resolve => (open = resolve))
  const entered = new Promise<void>(resolve => (enter = resolve))
  const pass = async (): Promise<void> => {
    enter()
    await opened
  }
  return { open, entered, pass }
}

/** Three states in a row that write down their calls; the second one waits at a gate. */
export function line(calls: string[], pass: () => Promise<void> = async () => Promise.resolve()) {
  const write = step<string, string>('Write', text => {
    calls.push('Write')
    return `${text}, written`
  })
  const research = step<string, string>('Research', async text => {
    calls.push('Research')
    await pass()
    return `${text}, researched`
  }).addAdvancer(write)
  const plan = step<string, string>('Plan', text => {
    calls.push('Plan')
    return `${text}, planned`
  }).addAdvancer(research)
  return machine<string, string>(plan, research, write).configure({ name: 'Line' }) as Orchestration<string, string>
}

/** Two branches, one of which waits at a gate, and what collects them. */
export function branches(pass: () => Promise<void>) {
  const quick = step<unknown, string>('Quick', () => 'quick')
  const slow = step<unknown, string>('Slow', async () => {
    await pass()
    return 'slow'
  })
  const all = new CollectRunnable<string>().configure({ name: 'All' })
  quick.addAdvancer(all)
  slow.addAdvancer(all)
  const start = fork('Start', quick, slow)
  return machine<unknown, readonly string[]>(start, quick, slow, all).configure({ name: 'Branches' }) as Orchestration<
    unknown,
    readonly string[]
  >
}

/** A draft that a person has to approve. */
export function reviewed(calls: string[] = []) {
  const publish = step<string, string>('Publish', text => {
    calls.push('Publish')
    return `${text}, published`
  })
  const review = new ApprovalRunnable<string>().configure({ name: 'Review' }).addAdvancer(
    outcome => outcome instanceof Approved,
    'Publish',
    outcome => outcome.subject,
  )
  const draft = step<string, string>('Draft', text => {
    calls.push('Draft')
    return `${text}, drafted`
  }).addAdvancer('Review')
  return machine<string, string>(draft, review, publish).configure({ name: 'Reviewed' }) as Orchestration<
    string,
    string
  >
}
