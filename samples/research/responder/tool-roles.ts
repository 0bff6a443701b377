import type { FunctionTool, JsonSchema } from './wire.js'

/** A passage that a search tool returned; members that the tool did not give are undefined. */
export interface FoundPassage {
  readonly file: string
  readonly startLine: number
  readonly endLine: number
  readonly heading: string
  readonly text: string
}

/** The tool that takes words to look for, and the name of the parameter that takes them. */
export function searchToolOf(tools: readonly FunctionTool[]): { name: string; parameter: string } | undefined {
  for (const { function: tool } of tools) {
    if (!/search|find|query|look\s?_?up|retrieve/i.test(`${tool.name} ${tool.description ?? ''}`)) continue
    const strings = propertiesOf(tool.parameters).filter(([, schema]) => typeOf(schema) === 'string')
    const parameter = strings.find(([name]) => /query|search|question|keyword|term|text/i.test(name)) ?? strings[0]
    const namesPlace = strings.some(([name]) => isFile(name))
    if (parameter && !namesPlace) return { name: tool.name, parameter: parameter[0] }
  }
  return undefined
}

/** The tool that returns lines of one document. */
export function readToolOf(tools: readonly FunctionTool[]): FunctionTool['function'] | undefined {
  return tools
    .map(tool => tool.function)
    .find(
      tool =>
        /read|open|get|fetch|view|show/i.test(tool.name) &&
        propertiesOf(tool.parameters).some(([name]) => isFile(name)),
    )
}

/** Arguments with which `tool` reads lines `from` to `to` of `file`, under whatever names it gives these parameters. */
export function readArguments(
  tool: FunctionTool['function'],
  file: string,
  from: number,
  to: number,
): Record<string, unknown> {
  const args: Record<string, unknown> = {}
  for (const [name, schema] of propertiesOf(tool.parameters)) {
    const number = ['integer', 'number'].includes(typeOf(schema))
    if (isFile(name) && !number) args[name] = file
    else if (number && /from|start|first|begin|offset/i.test(name)) args[name] = from
    else if (number && /to|end|last|until/i.test(name)) args[name] = to
    else if (number && /count|limit|lines|length/i.test(name)) args[name] = to - from + 1
  }
  return args
}

/** The file and the first line that a call of the read tool asked for. */
export function readTarget(args: Record<string, unknown>): { file: string; from: number } | undefined {
  const entries = Object.entries(args)
  const file = entries.find(([name, value]) => isFile(name) && typeof value === 'string')?.[1]
  const from = entries.find(
    ([name, value]) => /from|start|first|begin|offset/i.test(name) && typeof value === 'number',
  )?.[1]
  return file === undefined ? undefined : { file: file as string, from: (from as number | undefined) ?? 1 }
}

/** The passages in the result of a search tool: a JSON list, or an object with one; anything else is no passage. */
export function passagesIn(result: string): FoundPassage[] {
  let value: unknown
  try {
    value = JSON.parse(result)
  } catch {
    return []
  }
  const list = Array.isArray(value) ? value : Object.values(value ?? {}).find(Array.isArray)
  return (list ?? []).flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return []
    const entries = Object.entries(item)
    const pick = (pattern: RegExp, type: string) =>
      entries.find(([name, member]) => pattern.test(name) && typeof member === type)?.[1] as unknown
    const file = entries.find(([name, member]) => isFile(name) && typeof member === 'string')?.[1] as string | undefined
    if (file === undefined) return []
    const startLine = (pick(/start|from|first|^line/i, 'number') as number | undefined) ?? 1
    return {
      file,
      startLine,
      endLine: (pick(/end|to|last/i, 'number') as number | undefined) ?? startLine,
      heading: (pick(/heading|title|section/i, 'string') as string | undefined) ?? '',
      text: (pick(/text|content|excerpt|snippet/i, 'string') as string | undefined) ?? '',
    }
  })
}

function isFile(name: string): boolean {
  return /file|path|document|uri|url/i.test(name)
}

function propertiesOf(schema: JsonSchema | undefined): [string, JsonSchema][] {
  return Object.entries(schema?.properties ?? {})
}

function typeOf(schema: JsonSchema): string {
  return [schema.type ?? 'string'].flat().find(type => type !== 'null') ?? 'null'
}
