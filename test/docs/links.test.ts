import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].concat(
  readdirSync('docs', { recursive: true }).flatMap(file =>
    String(file).endsWith('.md') ? [join('docs', String(file))] : [],
  ),
)

const links = documents.flatMap(document =>
  [...readFileSync(document, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(match => ({
    document,
    target: match[1] as string,
  })),
)

describe('S4-36 the documents link to each other', () => {
  it('in several places', () => expect(links.length).toBeGreaterThan(5))

  it.each(links)('$document leads to $target, which is there', ({ document, target }) => {
    expect(existsSync(join(dirname(document), target))).toBe(true)
  })
})
