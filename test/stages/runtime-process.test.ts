import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'

interface Ended {
  readonly code: number | null
  readonly lines: readonly string[]
  readonly errors: string
}

/** Runs the program; `listen` hears each line that it prints. */
function play(manner: string, listen: (line: string, child: ChildProcessWithoutNullStreams) => void): Promise<Ended> {
  const { NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/stages/runtime-process.ts', manner], { env })
  const lines: string[] = []
  let errors = ''
  createInterface(child.stdout).on('line', line => {
    lines.push(line)
    listen(line, child)
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (errors += chunk))
  return new Promise(resolve => child.on('close', code => resolve({ code, lines, errors })))
}

describe('S0-24 S0-34 a real process', () => {
  it('that is interrupted comes to its end in order and exits with 130', async () => {
    const { code, lines } = await play('drain', (line, child) => line === 'working' && child.kill('SIGINT'))
    expect({ code, lines }).toEqual({ code: 130, lines: ['working', 'aborted', 'closed'] })
  })

  it('that is terminated exits with 143', async () => {
    const { code, lines } = await play('drain', (line, child) => line === 'working' && child.kill('SIGTERM'))
    expect({ code, last: lines.at(-1) }).toEqual({ code: 143, last: 'closed' })
  })

  it('that hears nothing ends at the second signal', async () => {
    const { code, lines } = await play('stubborn', (line, child) => {
      if (line === 'working') child.kill('SIGINT')
      if (line === 'deaf') child.kill('SIGTERM')
    })
    expect(lines).toEqual(['working', 'deaf'])
    expect(code).toBe(143)
  })

  it('that has lost a rejection says so and exits with 1', async () => {
    const { code, errors } = await play('reject', () => undefined)
    expect(code).toBe(1)
    expect(errors).toContain('forgotten')
  })

  it('that has done its work ends by itself, with 0', async () => {
    const { code, lines } = await play('finish', () => undefined)
    expect({ code, lines }).toEqual({ code: 0, lines: ['working', 'done', 'closed', 'after'] })
  })
})
