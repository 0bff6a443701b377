import type { TaskResult } from '../task-result.js'

/** Something that a step has made and that stands for itself: a file, a report, a picture. Plain JSON. */
export interface Artifact {
  readonly name: string
  /** What it is, for example `text/markdown` or `report`. @default 'data' */
  readonly type: string
  readonly content: unknown
  /** The step that has made it. */
  readonly stepId: string
}

/**
 * The artifacts in a result: the entries of `metadata.artifacts` and of `data.artifacts`, and the data itself if it looks like one.
 * What looks like one is an object with a `name` and a `content`.
 */
export function artifactsOf(stepId: string, { data, metadata }: TaskResult): readonly Artifact[] {
  const listed = [metadata['artifacts'], (data as { readonly artifacts?: unknown } | null)?.artifacts]
  const candidates = [...listed.flatMap(list => (Array.isArray(list) ? (list as unknown[]) : [])), data]
  return candidates.flatMap(candidate => {
    const { name, type = 'data', content } = (candidate ?? {}) as Readonly<Record<string, unknown>>
    if (typeof name !== 'string' || content === undefined || typeof type !== 'string') return []
    return [{ name, type, content, stepId }]
  })
}
