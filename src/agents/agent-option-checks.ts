import { OptionError } from '../errors/index.js'
import { checkGuardrail, type Guardrail } from './guardrail.js'
import type { ToolChoice } from './model-client.js'
import type { AgentTool } from './tool.js'

/** @throws OPTION_INVALID */
export function checkMaxTurns(maxTurns: number): number {
  if (Number.isInteger(maxTurns) && maxTurns >= 1) return maxTurns
  throw new OptionError('maxTurns', 'a whole number of at least 1', maxTurns)
}

/** @throws OPTION_INVALID */
export function checkMaxHandoffs(maxHandoffs: number): number {
  if (Number.isInteger(maxHandoffs) && maxHandoffs >= 0) return maxHandoffs
  throw new OptionError('maxHandoffs', 'a whole number of at least 0', maxHandoffs)
}

/** @throws OPTION_INVALID */
export function checkGuardrails<T>(option: string, guardrails: readonly Guardrail<T>[] = []): readonly Guardrail<T>[] {
  return guardrails.map(each => checkGuardrail(each, option))
}

/** @throws OPTION_INVALID */
export function checkText(option: string, value: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value
  throw new OptionError(option, 'a non-empty string', value)
}

/** @throws OPTION_INVALID */
export function distinctTools(tools: readonly AgentTool[]): readonly AgentTool[] {
  const names = tools.map(tool => tool.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new OptionError('tools', 'tools of different names', twice)
  return [...tools]
}

/** @throws OPTION_INVALID */
export function knownChoice(choice: ToolChoice | undefined, tools: readonly AgentTool[]): ToolChoice | undefined {
  if (typeof choice !== 'object' || tools.some(tool => tool.name === choice.name)) return choice
  throw new OptionError('toolChoice', 'the name of one of the tools', choice.name)
}
