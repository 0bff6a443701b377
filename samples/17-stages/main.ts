// A quant-agent hybrid: forecasters that are agents work side by side, functions do the mathematics, a person signs off what is unclear,
// and a typed state carries it all. Without a key the models follow a script; with OPENAI_API_KEY set, the same agents are real ones.
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { Agent } from 'advancer'
import { AsyncRuntime, BaseGraphState, concat, END, Orchestrator } from 'advancer/stages'
import { ScriptedModel } from 'advancer/testing'
import { Type } from 'class-transformer'
import { IsNumber, IsOptional, IsString, Max, Min, ValidateNested } from 'class-validator'
import OpenAI from 'openai'

const isReal = (process.env['OPENAI_API_KEY'] ?? '') !== ''

class Forecast {
  @IsNumber() @Min(0) @Max(1) probability!: number
  @IsString() reasoning!: string
}

class QuantState extends BaseGraphState {
  @IsString() question!: string
  @IsNumber() @Min(0) @Max(1) baseRate!: number
  @ValidateNested({ each: true }) @Type(() => Forecast) forecasts: Forecast[] = []
  @IsOptional() @IsNumber() probability?: number
  @IsOptional() @IsNumber() spread?: number
}

function forecaster(name: string, instructions: string, scripted: Forecast): Agent<Forecast> {
  return new Agent({
    name,
    instructions,
    client: isReal ? new OpenAI() : new ScriptedModel([{ object: scripted }]),
    model: 'gpt-4.1-mini',
    outputSchema: Forecast,
  })
}

/** Pure mathematics, no model: the mean of the log odds of all forecasts and of the base rate, and how far they are apart. */
function pool(state: QuantState): void {
  const probabilities = [state.baseRate, ...state.forecasts.map(({ probability }) => probability)]
  const odds = probabilities.map(p => Math.log(p / (1 - p)))
  state.probability = 1 / (1 + Math.exp(-odds.reduce((sum, each) => sum + each, 0) / odds.length))
  state.spread = Math.max(...probabilities) - Math.min(...probabilities)
}

const ask = {
  input: (state: QuantState) => `${state.question} The base rate is ${state.baseRate}.`,
  output: (state: QuantState, forecast: Forecast) => void state.forecasts.push(forecast),
}
const optimist = { probability: 0.9, reasoning: 'Everything points to it.' }
const sceptic = { probability: 0.2, reasoning: 'It seldom happens.' }

const orch = new Orchestrator({
  state: QuantState,
  name: 'QuantAgent',
  onProgress: (phaseId, phase, status, details) => console.log(`${phaseId} ${phase} ${status}: ${details}`),
})
  .addNode('ingestion', (state, progress) => progress(1, 'Ingestion', 'DONE', state.question), { jumps: [] })
  .addNode('optimist', forecaster('Optimist', 'You forecast, and see what speaks for it.', optimist), ask)
  .addNode('sceptic', forecaster('Sceptic', 'You forecast, and see what speaks against it.', sceptic), ask)
  .addParallelGroup('forecasters', ['optimist', 'sceptic'], { merge: { forecasts: concat } })
  .addNode('pool', pool, { jumps: [] })
  .addHumanStage('sign_off', {
    message: state => `They are ${state.spread?.toFixed(2)} apart. Publish ${state.probability?.toFixed(2)}?`,
    reject: END,
  })
  .addNode('publish', (state, progress) => {
    progress(2, 'Publication', 'DONE', `${state.question} ${state.probability?.toFixed(2)}`)
    return 'end'
  })
  .addEdge('ingestion', 'forecasters')
  .addEdge('forecasters', 'pool')
  .addConditionalEdge('pool', state => (state.spread ?? 0) > 0.5, { true: 'sign_off', false: 'publish' })
  .addEdge('sign_off', 'publish')

const result = await AsyncRuntime.runMain(async task => {
  const input = { subjectId: 'rain', question: 'Will it rain tomorrow?', baseRate: 0.3 }
  const run = orch.orchestration.start(input, { signal: task.signal })
  run.on('approval.requested', ({ message }) => {
    console.log(message)
    return run.approve('sign_off', { by: 'Ada' })
  })
  return run.result
})

console.log(result.executionPath.join(' → '))
console.log(`${result.usage.totalTokens} tokens, ${result.cycleCount} stages`)
assert.ok(result instanceof QuantState && result.forecasts.every(forecast => forecast instanceof Forecast))
assert.ok(result.probability !== undefined && result.probability > 0 && result.probability < 1)
assert.deepEqual(result.executionPath.slice(0, 4), [
  'ingestion',
  'parallel:forecasters',
  'forecasters:optimist',
  'forecasters:sceptic',
])
if (!isReal) {
  assert.equal(result.probability.toFixed(2), '0.50')
  assert.deepEqual(result.nodeReports['sign_off'], { outcome: 'approved', by: 'Ada' })
  assert.equal(result.executionPath.at(-1), 'publish')
}
