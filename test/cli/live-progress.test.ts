import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { LiveProgress } from '../../src/cli/runs/live-progress.js'
import { Page } from '../../src/cli/terminal/page.js'
import { textWidth } from '../../src/cli/terminal/text-width.js'
import type { OrchestrationEvent } from '../../src/core/index.js'

function progress(columns: number) {
  const written: string[] = []
  const page = new Page({ isTTY: true, columns, write: text => written.push(text) }, { LANG: 'C.UTF-8' })
  const live = new LiveProgress(
    page,
    () => true,
    () => 5000,
  )
  const lines = () => written.flatMap(text => stripVTControlCharacters(text).replaceAll('\r', '').split('\n'))
  return { live, lines, written }
}

const about = { runId: 'r', seq: 0, at: 0, stateName: 'A state with a name of some length', token: '0:0' } as const
const events: readonly OrchestrationEvent[] = [
  { ...about, type: 'state.started', input: 1 },
  { ...about, type: 'agent.delta', agent: 'Writer', text: 'a text that is quite long, and in it a \u001b[2J' },
  { ...about, type: 'agent.tool.called', agent: 'Writer', tool: 'search', callId: 'c', arguments: {} },
  { ...about, type: 'state.completed', output: 2, at: 1500 },
]

it.each([20, 40, 80, 200])('no line is wider than a terminal of %i columns', columns => {
  const { live, lines } = progress(columns)
  for (const event of events) live.event(event)
  live.end()
  expect(Math.max(...lines().map(textWidth))).toBeLessThanOrEqual(Math.max(columns, 25))
})

it('shows what is at work with its time, then that it is done, then what it all came to', () => {
  const { live, lines, written } = progress(120)
  for (const event of events) live.event(event)
  live.end()
  expect(lines()).toContainEqual(expect.stringMatching(/^● A state with a name of some length +5\.0 s/))
  expect(lines()).toContainEqual(expect.stringContaining('calls search'))
  expect(lines()).toContainEqual(expect.stringMatching(/^✓ A state with a name of some length +1\.5 s/))
  expect(lines()).toContainEqual('1 state in 0 ms')
  expect(written.join('')).not.toContain('\u001b[2J')
})

it('holds back what happens while somebody is asked', async () => {
  const { live, lines } = progress(80)
  const [started, , , completed] = events as [OrchestrationEvent, unknown, unknown, OrchestrationEvent]
  live.event(started)
  await live.during(async () => {
    const before = lines().length
    live.event(completed)
    expect(lines()).toHaveLength(before)
  })
  expect(lines()).toContainEqual(expect.stringContaining('✓ A state'))
  live.end()
})
