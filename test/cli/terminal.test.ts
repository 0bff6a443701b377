import { describe, expect, it } from 'vitest'
import { Page } from '../../src/cli/terminal/page.js'
import { jsonText } from '../../src/cli/terminal/plain-value.js'
import { printable, printableLine } from '../../src/cli/terminal/printable.js'
import { hasColours } from '../../src/cli/terminal/styles.js'
import { writeTable } from '../../src/cli/terminal/table.js'
import { padded, shortened, textWidth } from '../../src/cli/terminal/text-width.js'
import { ago, duration } from '../../src/cli/terminal/times.js'

function page(env: Readonly<Record<string, string>>, isTTY = true, columns = 40) {
  const written: string[] = []
  return { written, page: new Page({ isTTY, columns, write: text => written.push(text) }, env) }
}

describe('what is written on a terminal', () => {
  it('has colours where a person reads, unless NO_COLOR or FORCE_COLOR say otherwise', () => {
    expect(hasColours(true, {})).toBe(true)
    expect(hasColours(false, {})).toBe(false)
    expect(hasColours(true, { NO_COLOR: '1' })).toBe(false)
    expect(hasColours(true, { NO_COLOR: '' })).toBe(true)
    expect(hasColours(true, { TERM: 'dumb' })).toBe(false)
    expect(hasColours(false, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(true)
    expect(hasColours(true, { FORCE_COLOR: '0' })).toBe(false)
  })

  it('has signs beyond ASCII only where they can be shown', () => {
    expect(page({ LANG: 'de_DE.UTF-8' }).page.symbols.done).toBe('✓')
    expect(page({ LC_ALL: 'C', LANG: 'de_DE.UTF-8' }).page.symbols.done).toBe('+')
    expect(page({}).page.symbols.done).toBe('+')
    expect(page({ WT_SESSION: 'x' }).page.symbols.done).toBe('✓')
    expect(page({ LANG: 'C.UTF-8', TERM: 'dumb' }).page.symbols.done).toBe('+')
  })

  it('counts columns, not characters', () => {
    expect(['abc', '語', '👩‍👩‍👧', 'é', ''].map(textWidth)).toEqual([3, 2, 2, 1, 0])
    expect(shortened('日本語です', 7, '…')).toBe('日本語…')
    expect(shortened('short', 5, '…')).toBe('short')
    expect(textWidth(padded('語', 5))).toBe(5)
  })

  it('does not let texts of others do anything to the terminal', () => {
    expect(printable('a\u001b[2Jb\u0007\u202e\u009b')).toBe(String.raw`a\x1b[2Jb\x07\u{202e}\x9b`)
    expect(printable('two\r\nlines\t')).toBe('two\nlines\t')
    expect(printableLine(' two\n  lines ')).toBe('two lines')
  })

  it('escapes in JSON what could do something, so that it means the same', () => {
    const value = { text: 'a\u001b[2J\u009b\u202e\u{E0001}é👍' }
    const text = jsonText(value)
    expect(text).toBe(String.raw`{"text":"a\u001b[2J\u009b\u202e\udb40\udc01é👍"}`)
    expect(JSON.parse(text)).toEqual(value)
  })

  it('fits a table into its columns, and cuts off only where that is said', () => {
    const { page: narrow, written } = page({ NO_COLOR: '1', LANG: 'C.UTF-8' }, true, 24)
    const columns = [
      { title: 'ID', text: ({ id }: { id: string; name: string }) => id },
      { title: 'NAME', text: ({ name }: { id: string; name: string }) => name, shrinks: true },
    ]
    writeTable(narrow, columns, [
      { id: '0123456789', name: 'a rather long name' },
      { id: '1', name: 'x\u001b[2J' },
    ])
    expect(written.join('')).toBe('ID          NAME\n0123456789  a rather lo…\n1           x\\x1b[2J\n')
  })

  it('writes lines above what stands at the bottom', () => {
    const { page: live, written } = page({ NO_COLOR: '1' })
    live.footer(['at work'])
    live.line('done')
    live.footer([])
    expect(written).toEqual(['at work\n', '\r\u001b[1A\u001b[Jdone\nat work\n', '\r\u001b[1A\u001b[J'])
  })

  it('tells times as people do', () => {
    expect([0, 840, 3400, 59_940, 125_000, 3_720_000].map(duration)).toEqual([
      '0 ms',
      '840 ms',
      '3.4 s',
      '59.9 s',
      '2 min 05 s',
      '1 h 02 min',
    ])
    expect(ago(0, 90_000)).toBe('1 min ago')
  })
})
