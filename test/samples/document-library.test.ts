import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DocumentLibrary } from '../../samples/research/document-library.js'

const corpus = fileURLToPath(new URL('../../samples/research/documents', import.meta.url))

describe('DocumentLibrary', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'library-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('finds passages by word stem and says where they stand', async () => {
    await writeFile(join(folder, 'a.md'), '# Title\n\n## Storage\n\nNothing here.\nCommitted pages are kept.\n')
    const library = await DocumentLibrary.open(folder)
    expect(library.search('committing')).toMatchObject([
      { file: 'a.md', startLine: 5, endLine: 6, heading: 'Title › Storage', matchedTerms: ['committing'] },
    ])
  })

  it('returns nothing for words that no document has, and for stop words alone', async () => {
    const library = await DocumentLibrary.open(corpus)
    expect(library.search('chlorophyll')).toEqual([])
    expect(library.search('how does it')).toEqual([])
  })

  it('finds WAL when asked for write-ahead logging', async () => {
    const library = await DocumentLibrary.open(corpus)
    expect(library.search('disadvantages of write-ahead logging', 3).map(hit => hit.file)).toContain('wal.md')
  })

  it('returns hits whose text stands at their lines', async () => {
    const library = await DocumentLibrary.open(corpus)
    const hits = library.search('power failure', 20)
    expect(hits.length).toBe(20)
    for (const hit of hits) {
      const lines = library.read(hit.file, hit.startLine, hit.endLine).split('\n')
      expect(lines.map(line => line.replace(/^\d+: /, '')).join('\n')).toBe(hit.text)
    }
  })

  it('does not search SOURCES.md', async () => {
    expect((await DocumentLibrary.open(corpus)).files).not.toContain('SOURCES.md')
  })

  it('reads folders recursively, with / in paths', async () => {
    await mkdir(join(folder, 'deep', 'er'), { recursive: true })
    await writeFile(join(folder, 'deep', 'er', 'note.txt'), 'first\r\nsecond\r\n')
    const library = await DocumentLibrary.open(folder)
    expect(library.files).toEqual(['deep/er/note.txt'])
    expect(library.read('deep/er/note.txt', 1, 99)).toBe('1: first\n2: second')
  })

  it('names the reason when the folder cannot be used', async () => {
    await expect(DocumentLibrary.open(join(folder, 'none'))).rejects.toMatchObject({ code: 'folder-missing' })
    await expect(DocumentLibrary.open(folder)).rejects.toMatchObject({ code: 'no-documents' })
    await writeFile(join(folder, 'file.md'), 'text')
    await expect(DocumentLibrary.open(join(folder, 'file.md'))).rejects.toMatchObject({ code: 'not-a-folder' })
  })

  it('skips binary and empty files with a note', async () => {
    await writeFile(join(folder, 'good.md'), 'text')
    await writeFile(join(folder, 'image.md'), Buffer.from([0x89, 0x50, 0, 1]))
    await writeFile(join(folder, 'latin.txt'), Buffer.from([0x63, 0xe9, 0x21]))
    await writeFile(join(folder, 'empty.md'), '\n')
    const library = await DocumentLibrary.open(folder)
    expect(library.files).toEqual(['good.md'])
    expect(library.skipped).toEqual([
      { file: 'empty.md', reason: 'empty' },
      { file: 'image.md', reason: 'binary content' },
      { file: 'latin.txt', reason: 'not UTF-8 text' },
    ])
  })

  it.skipIf(process.platform === 'win32')('does not wait for a pipe that looks like a document', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.md')])
    await writeFile(join(folder, 'a.md'), 'A document.')
    const library = await DocumentLibrary.open(folder)
    expect(library.files).toEqual(['a.md'])
    expect(library.skipped).toEqual([{ file: 'pipe.md', reason: 'not a regular file' }])
  })

  it('does not follow links that lead out of the folder', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'))
    await writeFile(join(outside, 'secret.md'), 'secret')
    await writeFile(join(folder, 'good.md'), 'text')
    await symlink(join(outside, 'secret.md'), join(folder, 'link.md'))
    await symlink(outside, join(folder, 'linked'))
    const library = await DocumentLibrary.open(folder)
    await rm(outside, { recursive: true })
    expect(library.files).toEqual(['good.md'])
    expect(library.skipped.map(({ file }) => file)).toEqual(['link.md', 'linked'])
  })

  it.each(['../secret.md', '/etc/hostname', 'a/../../b.md', 'C:\\x.md'])('refuses to read %s', async path => {
    await writeFile(join(folder, 'good.md'), 'text')
    const library = await DocumentLibrary.open(folder)
    expect(() => library.read(path, 1, 1)).toThrow(expect.objectContaining({ code: 'outside-library' }))
  })

  it('refuses unknown files and impossible ranges', async () => {
    await writeFile(join(folder, 'good.md'), 'text')
    const library = await DocumentLibrary.open(folder)
    expect(() => library.read('bad.md', 1, 1)).toThrow(expect.objectContaining({ code: 'unknown-file' }))
    for (const [from, to] of [
      [0, 1],
      [2, 1],
      [5, 6],
      [1.5, 2],
    ] as const) {
      expect(() => library.read('good.md', from, to)).toThrow(expect.objectContaining({ code: 'invalid-range' }))
    }
  })

  it('indexes 100 files of 1 MB together, every passage of them', async () => {
    const sentence = (n: number) => `Sentence ${n} tells of word${n % 977} and page${n % 131} in a plain way.\n`
    for (let file = 0; file < 100; file++) {
      const text = Array.from({ length: 200 }, (_, n) => sentence(file * 200 + n) + (n % 5 === 4 ? '\n' : '')).join('')
      await writeFile(join(folder, `file${file}.txt`), text)
    }
    const library = await DocumentLibrary.open(folder)
    expect(library.files).toHaveLength(100)
    expect(library.passageCount).toBe(100 * 40)
    expect(library.search('word500', Infinity)).toHaveLength(20)
  })
})
