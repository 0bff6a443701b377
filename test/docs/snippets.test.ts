import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = process.cwd()
// Inside the project, so that imports resolve as they do for a user.
const folder = join(root, 'test', 'docs', 'generated')
const documents = ['README.md', ...readdirSync('docs').flatMap(name => (name.endsWith('.md') ? [`docs/${name}`] : []))]

/** Every TypeScript program in a document, with the line on which it begins. */
function programsOf(document: string): { readonly name: string; readonly code: string }[] {
  const text = readFileSync(document, 'utf8')
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(match => {
    const line = text.slice(0, match.index).split('\n').length
    return { name: `${document}:${line}`, code: match[1] as string }
  })
}

const programs = documents.flatMap(programsOf)

function fileOf(name: string): string {
  return join(folder, `${name.replaceAll(/[^A-Za-z0-9]+/g, '-')}.ts`)
}

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { name, code } of programs) writeFileSync(fileOf(name), code)
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../tsconfig.json',
      compilerOptions: { noUnusedLocals: false },
      include: ['*.ts', '../../../src/**/*.d.ts'],
    }),
  )
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the programs in the documents', () => {
  it('are found', () => expect(programs.length).toBeGreaterThanOrEqual(8))

  it('compile', async () => {
    const compiler = join(root, 'node_modules', 'typescript-native', 'bin', 'tsc')
    const { stdout } = await run(process.execPath, [compiler, '-p', folder]).catch((error: { stdout: string }) => error)
    expect(stdout).toBe('')
  })

  it.concurrent.each(programs)('run: $name', async ({ name }) => {
    const { stdout } = await run(process.execPath, ['--import', 'tsx', fileOf(name)], { timeout: 100_000 })
    expect(stdout).not.toBe('')
  })
})
