import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'

/** How a sample ended; no exit code means that it was stopped because its time was up. */
interface Outcome {
  readonly exitCode: number | null
  readonly output: string
  readonly errors: string
}

const timeLimitMs = 90_000
const atOnce = 2
const root = fileURLToPath(new URL('../..', import.meta.url))
const samples = readdirSync(`${root}/samples`)
  .filter(name => /^\d\d-/.test(name) && existsSync(`${root}/samples/${name}/main.ts`))
  .toSorted()

function run(sample: string): Promise<Outcome> {
  // Without a key every sample stays on this machine, whatever the surroundings offer.
  const { OPENAI_API_KEY: _key, NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', `samples/${sample}/main.ts`], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), timeLimitMs)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', exitCode => {
      clearTimeout(timer)
      resolve({ exitCode, output, errors })
    })
  })
}

/** Starts them all, so many at once, and returns what each of them will come to. */
function runAll(names: readonly string[]): ReadonlyMap<string, Promise<Outcome>> {
  const lanes: Promise<unknown>[] = Array.from({ length: atOnce }, () => Promise.resolve())
  return new Map(
    names.map((name, index) => {
      const outcome = (lanes[index % atOnce] as Promise<unknown>).then(() => run(name))
      lanes[index % atOnce] = outcome.catch(() => undefined)
      return [name, outcome]
    }),
  )
}

describe('the samples', () => {
  let outcomes: ReadonlyMap<string, Promise<Outcome>>

  beforeAll(() => {
    outcomes = runAll(samples)
  })

  it('are all found (S4-31)', () => {
    expect(samples.length).toBeGreaterThanOrEqual(13)
  })

  it.each(samples)(
    '%s shows what it promises',
    async sample => {
      const { exitCode, output, errors } = (await outcomes.get(sample)) as Outcome
      const printed = `It had printed:\n${output}${errors}`
      expect(exitCode, `Sample ${sample} was stopped after ${timeLimitMs / 1000} s. ${printed}`).not.toBeNull()
      expect(exitCode, `Sample ${sample} failed. ${printed}`).toBe(0)
      expect(output.trim(), `Sample ${sample} printed nothing.`).not.toBe('')
    },
    timeLimitMs * Math.ceil(samples.length / atOnce) + 5_000,
  )
})
