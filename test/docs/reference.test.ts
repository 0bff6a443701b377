import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { OrchestrationEventType } from '../../src/core/index.js'
import { errorCodes } from '../../src/errors/index.js'

const reference = readFileSync('docs/reference.md', 'utf8')
const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, unknown> }
const folders = Object.keys(exports).flatMap(path => /^\.\/([a-z]+)$/.exec(path)?.[1] ?? [])

/** The names that a folder's door exports, types included. */
function exportsOf(folder: string): string[] {
  const file = `src/${folder}/index.ts`
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
  return source.statements.flatMap(statement =>
    ts.isExportDeclaration(statement) &&
    statement.exportClause !== undefined &&
    ts.isNamedExports(statement.exportClause)
      ? statement.exportClause.elements.map(element => element.name.text)
      : [],
  )
}

/** The names in the first column of the table under a heading. */
function documented(heading: string): string[] {
  const section = reference.split(/^## /m).find(part => part.startsWith(`${heading}\n`)) ?? ''
  return [...section.matchAll(/^\| ((?:`[^`]+`(?:, )?)+)/gm)].flatMap(row =>
    [...(row[1] as string).matchAll(/`([^`]+)`/g)].map(name => name[1] as string),
  )
}

describe('docs/reference.md', () => {
  it('knows every folder that can be imported', () => expect(folders.length).toBeGreaterThanOrEqual(6))

  it.each(folders)('has a line for each export of advancer/%s, and for nothing else', folder => {
    const names = exportsOf(folder)
    expect(names.length).toBeGreaterThan(0)
    expect(documented(`advancer/${folder}`).sort()).toEqual(names.sort())
  })

  it('has a line for each type of event, and for nothing else', () => {
    expect(documented('Events').sort()).toEqual(Object.values(OrchestrationEventType).sort())
  })

  it('has a line for each error code, and for nothing else', () => {
    expect(documented('Error codes').sort()).toEqual(Object.keys(errorCodes).sort())
  })
})
