import { readdirSync, readFileSync } from 'node:fs'
import * as conventions from '@opentelemetry/semantic-conventions/incubating'
import type { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { GenAi, GenAiOperation, openTelemetry, PrometheusMetrics } from '../../src/observability/index.js'
import { loadOpenTelemetryApi } from '../../src/observability/opentelemetry-api.js'
import { errorTypeAttribute } from '../../src/observability/span-attributes.js'
import { machine, rejection, say } from '../core/machines.js'

const isObserved = (orchestration: ReturnType<typeof machine>) => (orchestration.events$ as Subject<unknown>).observed

describe('observability that is not used', () => {
  it('has subscribed to nothing and wraps nothing', async () => {
    const telemetry = await openTelemetry()
    const metrics = new PrometheusMetrics()
    const orchestration = machine(say('A'))
    expect(isObserved(orchestration)).toBe(false)
    const undo = [telemetry.instrument(orchestration), metrics.observe(orchestration)]
    expect(isObserved(orchestration)).toBe(true)
    for (const each of undo) each()
    expect(isObserved(orchestration)).toBe(false)
    const driver = orchestration.drive({}, { sinks: [], attempts: [], inherited: [] }, undefined)
    driver.begin(1)
    expect(driver.options.attemptInterceptors).toEqual([])
    expect(driver.hub.observed).toBe(false)
    expect(orchestration.graph.entry.interceptors).toEqual([])
    expect(await driver.result).toBe('A')
  })

  it('does not load @opentelemetry/api', () => {
    const files = readdirSync('src/observability').map(file => readFileSync(`src/observability/${file}`, 'utf8'))
    const imports = files.flatMap(text => text.match(/^(?:import|export) .*'@opentelemetry\/[^']*'/gm) ?? [])
    expect(imports.length).toBeGreaterThan(3)
    expect(imports.filter(line => !line.startsWith('import type '))).toEqual([])
  })
})

describe('OpenTelemetry that is not there', () => {
  it('without the package is an error that says what to install', async () => {
    const missing = async () => Promise.reject(new Error("Cannot find package '@opentelemetry/api'"))
    expect(await rejection(loadOpenTelemetryApi(missing))).toMatchObject({
      code: 'PACKAGE_MISSING',
      message: expect.stringContaining('npm i @opentelemetry/api@^1.9.0') as string,
      cause: { message: "Cannot find package '@opentelemetry/api'" },
    })
  })

  it('without a registered SDK changes nothing', async () => {
    const telemetry = await openTelemetry()
    const orchestration = machine(say('A'))
    telemetry.instrument(orchestration)
    expect(await orchestration.run(1)).toBe('A')
  })
})

describe('the names of the semantic conventions', () => {
  const known = new Set(Object.values(conventions).filter(value => typeof value === 'string'))

  it('are those of the package they are copied from', () => {
    const attributes: Record<string, string> = {}
    for (const [key, value] of Object.entries(conventions)) {
      const name = /^(?:ATTR|METRIC)_GEN_AI_(.+)$/.exec(key)?.[1]
      if (name !== undefined) attributes[name] = value as string
    }
    for (const [key, value] of Object.entries(GenAi)) {
      expect(value).toBe(attributes[key.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()])
    }
    expect(errorTypeAttribute).toBe(conventions.ATTR_ERROR_TYPE)
  })

  it('include the operations', () => {
    for (const operation of Object.values(GenAiOperation)) expect(known).toContain(operation)
    expect(conventions.GEN_AI_OPERATION_NAME_VALUE_INVOKE_WORKFLOW).toBe(GenAiOperation.InvokeWorkflow)
    expect(conventions.GEN_AI_OPERATION_NAME_VALUE_CHAT).toBe(GenAiOperation.Chat)
    expect(conventions.GEN_AI_OPERATION_NAME_VALUE_EXECUTE_TOOL).toBe(GenAiOperation.ExecuteTool)
  })
})
