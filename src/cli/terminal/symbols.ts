/** The signs that stand before lines. */
export interface Symbols {
  readonly done: string
  readonly failed: string
  readonly skipped: string
  readonly working: string
  readonly waiting: string
  readonly ellipsis: string
  readonly arrow: string
  readonly rule: string
}

const unicode: Symbols = {
  done: '✓',
  failed: '✗',
  skipped: '–',
  working: '●',
  waiting: '?',
  ellipsis: '…',
  arrow: '→',
  rule: '─',
}

const ascii: Symbols = {
  done: '+',
  failed: 'x',
  skipped: '-',
  working: '*',
  waiting: '?',
  ellipsis: '...',
  arrow: '->',
  rule: '-',
}

/** Signs beyond ASCII only where the terminal is known to show them. */
export function symbolsFor(env: Readonly<Record<string, string | undefined>>): Symbols {
  return showsUnicode(env) ? unicode : ascii
}

function showsUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  const { TERM: term, WT_SESSION: windowsTerminal, TERM_PROGRAM: program } = env
  if (term === 'dumb' || term === 'linux') return false
  if (windowsTerminal !== undefined || program === 'vscode') return true
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return /utf-?8/i.test(locale)
}
