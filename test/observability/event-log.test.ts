import { describe, expect, it } from 'vitest'
import { JsonLinesLogger, type LogRecord, logEvents } from '../../src/observability/index.js'
import { begin, fail, machine, pass, rejection, say, step } from '../core/machines.js'

function keeping() {
  const records: LogRecord[] = []
  return { records, log: (record: LogRecord) => void records.push(record) }
}

describe('S3-37 a log of events', () => {
  it('has one record for each event, by level, without payloads', async () => {
    const log = keeping()
    const orchestration = machine(say('A').addAdvancer(fail('B', 'boom')))
    const stop = logEvents(orchestration, log)
    const { run } = begin(orchestration, 'secret', { runId: 'r' })
    await rejection(run.result)
    expect(log.records.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'info orchestration.started Machine',
      'info state.started A',
      'info state.completed A',
      'info state.started B',
      'error state.failed B: boom',
      'error orchestration.failed B: boom',
    ])
    expect(log.records[1]).toEqual({
      level: 'info',
      time: '1970-01-01T00:00:00.000Z',
      message: 'state.started A',
      event: 'state.started',
      runId: 'r',
      seq: 1,
      stateName: 'A',
      token: '0:0',
    })
    expect(JSON.stringify(log.records)).not.toContain('secret')
    stop()
    const before = log.records.length
    await rejection(orchestration.run(1))
    expect(log.records).toHaveLength(before)
  })

  it('takes a level for each type, and payloads if asked to', async () => {
    const log = keeping()
    const orchestration = machine(say('A').addAdvancer(pass('B')))
    logEvents(orchestration, log, {
      payloads: true,
      from: 'debug',
      levels: { 'state.started': 'off', 'orchestration.started': 'trace', 'state.completed': 'warn' },
    })
    await orchestration.run(1)
    expect(log.records.map(({ level, event, output }) => [level, event, output])).toEqual([
      ['warn', 'state.completed', 'A'],
      ['debug', 'state.transition', undefined],
      ['warn', 'state.completed', 'A'],
      ['info', 'orchestration.completed', 'A'],
    ])
  })

  it('may be JSON lines, whatever the payloads are', async () => {
    const lines: string[] = []
    const cyclic: Record<string, unknown> = { text: 'two\nlines' }
    const orchestration = machine(
      step('A', (_, run) => {
        run.emit({ type: 'custom', name: 'big', data: 2n ** 70n })
        cyclic['self'] = cyclic
        return cyclic
      }),
    )
    logEvents(orchestration, new JsonLinesLogger(line => lines.push(line)), { payloads: true })
    await orchestration.run(1)
    expect(lines.every(line => line.indexOf('\n') === line.length - 1)).toBe(true)
    const records = lines.map(line => JSON.parse(line) as LogRecord)
    expect(records.map(record => record.event)).toEqual([
      'orchestration.started',
      'state.started',
      'custom',
      'state.completed',
      'orchestration.completed',
    ])
    expect(records[2]?.['data']).toBe('1180591620717411303424')
    expect(records[3]?.['output']).toBe('[object Object]')
  })

  it('that cannot be written is reported, and the run goes on', async () => {
    const reported: string[] = []
    const orchestration = machine(say('A'))
    const log = {
      log: () => {
        throw new Error('disk full')
      },
    }
    logEvents(orchestration, log, { logger: { warn: (_, error) => reported.push(error.message) } })
    expect(await orchestration.run(1)).toBe('A')
    expect(reported).toEqual(['disk full', 'disk full', 'disk full', 'disk full'])
  })
})
