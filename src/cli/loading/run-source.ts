import { isAbsolute, relative, sep } from 'node:path'
import type { RunRecord } from '../../durability/index.js'

/** Where a run has its definition from, so that another process can go on with it. */
export interface RunSource {
  /** Relative to the working directory. */
  readonly file: string
  readonly exportName?: string | undefined
  /** The modules with its agents. */
  readonly agents: readonly string[]
}

const tags = { file: 'source', exportName: 'source_export', agents: 'source_agents' } as const

/**
 * The labels that say where a run has its definition from. What is outside of the working directory is not written down: a store may be
 * shared, and nobody's store is to say what code of this machine is loaded.
 */
export function sourceTags(cwd: string, { file, exportName, agents }: RunSource): Readonly<Record<string, string>> {
  const inside = inDirectory(cwd, file)
  const agentFiles = agents.map(each => inDirectory(cwd, each))
  return {
    ...(inside === undefined ? {} : { [tags.file]: inside }),
    ...(inside === undefined || exportName === undefined ? {} : { [tags.exportName]: exportName }),
    ...(agentFiles.length === 0 || agentFiles.includes(undefined) ? {} : { [tags.agents]: JSON.stringify(agentFiles) }),
  }
}

/** Where a run has its definition from, if it says so and that is inside of the working directory. */
export function sourceOf(record: RunRecord): RunSource | undefined {
  const { [tags.file]: file, [tags.exportName]: exportName } = record.tags
  const agents = agentFilesOf(record)
  if ((file === undefined && agents.length === 0) || ![...agents, file ?? ''].every(isInside)) return undefined
  return { file: file ?? '', exportName, agents }
}

function agentFilesOf(record: RunRecord): readonly string[] {
  try {
    const files: unknown = JSON.parse(record.tags[tags.agents] ?? '[]')
    return Array.isArray(files) ? files.map(String) : []
  } catch {
    return []
  }
}

function inDirectory(cwd: string, file: string): string | undefined {
  const path = relative(cwd, file).split(sep).join('/')
  return isInside(path) ? path : undefined
}

function isInside(path: string): boolean {
  return !isAbsolute(path) && !path.split(/[/\\]/).includes('..')
}
