import 'reflect-metadata'
import { Script } from 'node:vm'
import { IsBoolean, IsString } from 'class-validator'
import { expect, it } from 'vitest'
import { Agent, AgentRunnable } from '../../src/agents/index.js'
import {
  Orchestration,
  OrchestrationOptions,
  OrchestrationRunnable,
  type RunContext,
  Runnable,
} from '../../src/core/index.js'
import { EventRecorder } from '../../src/testing/index.js'
import { DemoServer } from './demo-server.js'
import type { Connection } from './research-states.js'

const server = new DemoServer()
const coder = 'You write a program.'
const reviewer = 'You review a program.'

class Task {
  @IsString() goal!: string
  @IsString({ each: true }) complaints!: string[]
}

class Program {
  @IsString() code!: string
}

class Build {
  @IsString() code!: string
  @IsBoolean() succeeded!: boolean
  @IsString() log!: string
}

class Review {
  @IsBoolean() approved!: boolean
  @IsString() comment!: string
}

@Runnable({ input: Task, output: Program })
class Coding extends AgentRunnable<Task, Program> {
  readonly agent: Agent<Program>

  constructor(connection: Connection) {
    super()
    this.agent = new Agent({ ...connection, name: 'Coder', instructions: coder, outputSchema: Program })
  }

  override prompt({ goal, complaints }: Task): string {
    return [goal, ...complaints].join('\n')
  }
}

/** A compiler, in a way. */
@Runnable({ input: Program, output: Build })
class Building extends OrchestrationRunnable<Program, Build> {
  invoke({ code }: Program): Build {
    try {
      new Script(`(() => { ${code}\n})`)
      return { code, succeeded: true, log: '' }
    } catch (thrown) {
      return { code, succeeded: false, log: (thrown as Error).message }
    }
  }
}

@Runnable({ input: Build, output: Review })
class Reviewing extends AgentRunnable<Build, Review> {
  readonly agent: Agent<Review>

  constructor(connection: Connection) {
    super()
    this.agent = new Agent({ ...connection, name: 'Reviewer', instructions: reviewer, outputSchema: Review })
  }

  override prompt({ code }: Build): string {
    return code
  }
}

@Runnable({ input: Review, output: String })
class Delivering extends OrchestrationRunnable<Review, string> {
  invoke(_review: Review, context: RunContext): string {
    return context.outputOf(Building)?.code ?? ''
  }
}

@OrchestrationOptions({ input: Task, output: String })
class CodingOrchestration extends Orchestration<Task, string> {
  constructor(connection: Connection, maxSteps = 20) {
    super()
    this.configure({ maxSteps })
    const again = (complaint: string): Task => ({ goal: 'Repair it.', complaints: [complaint] })
    this.initialRunnable = new Coding(connection).addAdvancer(Building)
    this.register(
      new Building()
        .addAdvancer(({ succeeded }: Build) => succeeded, Reviewing)
        .addAdvancer(
          ({ succeeded }: Build) => !succeeded,
          Coding,
          ({ log }: Build) => again(`It does not build: ${log}`),
        ),
      new Reviewing(connection)
        .addAdvancer(({ approved }: Review) => approved, Delivering)
        .addAdvancer(
          ({ approved }: Review) => !approved,
          Coding,
          ({ comment }: Review) => again(comment),
        ),
      new Delivering(),
    )
  }
}

const task: Task = { goal: 'Write something that returns 42.', complaints: [] }

it('S4-18 S4-31 a coder, a build that fails first, and a reviewer who rejects once come to a program', async () => {
  server.answers(coder, { json: { code: 'return 42 +' } }, { json: { code: 'return 41' } }, ({ text }) => ({
    json: { code: text.includes('42, not 41') ? 'return 42' : 'return 0' },
  }))
  server.answers(reviewer, ({ text }) => ({
    json: { approved: text === 'return 42', comment: 'It has to be 42, not 41.' },
  }))
  const run = new CodingOrchestration(server.connection).start(task)
  const events = new EventRecorder(run)
  expect(await run.result).toBe('return 42')
  expect(events.ofType('state.started').map(({ stateName }) => stateName)).toEqual([
    'Coding',
    'Building',
    'Coding',
    'Building',
    'Reviewing',
    'Coding',
    'Building',
    'Reviewing',
    'Delivering',
  ])
  expect(server.requestsOf(coder).map(({ messages }) => messages[1]?.content)).toEqual([
    'Write something that returns 42.',
    expect.stringMatching(/^Repair it\.\nIt does not build: Unexpected token/),
    'Repair it.\nIt has to be 42, not 41.',
  ])
})

it('S4-34 a reviewer who is never content ends the run at its limit, with the states that went round', async () => {
  server.answers(coder, { json: { code: 'return 1' } })
  server.answers(reviewer, { json: { approved: false, comment: 'No.' } })
  await expect(new CodingOrchestration(server.connection, 9).run(task)).rejects.toMatchObject({
    message: expect.stringMatching(/Orchestration never completes.*Coding/s) as string,
  })
  expect(server.requests).toHaveLength(6)
})
