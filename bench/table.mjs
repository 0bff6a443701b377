// Prints the figures, each beside its target.

const columns = [
  ['row', row => row.title, 'left'],
  ['figure', row => `${figure(row.value)} ${row.unit}`],
  ['target', row => targetOf(row)],
  ['', row => verdict(row), 'left'],
  ['plain', row => (row.plain === undefined ? '' : figure(row.plain))],
  ['ratio', row => (row.ratio === undefined ? '' : `${figure(row.ratio)} ×`)],
  ['noise', row => (row.spread === undefined ? '' : `±${Math.round((row.spread * 100) / 2)} %`)],
]

export function met(row) {
  if (row.targetRatio !== undefined) return row.ratio <= row.targetRatio
  return row.target === undefined ? undefined : row.value <= row.target
}

export function print(rows) {
  const cells = [columns.map(([title]) => title), ...rows.map(row => columns.map(([, cell]) => cell(row)))]
  const widths = columns.map((_, column) => Math.max(...cells.map(line => line[column].length)))
  for (const line of cells) {
    const padded = line.map((cell, column) =>
      columns[column][2] === 'left' ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    )
    console.log(padded.join('  ').trimEnd())
  }
  for (const { title, note } of rows) if (note !== undefined) console.log(`${title}: ${note}`)
}

function targetOf(row) {
  if (row.targetRatio !== undefined) return `≤ ${row.targetRatio} × plain`
  return row.target === undefined ? '' : `≤ ${figure(row.target)}`
}

function verdict(row) {
  const result = met(row)
  if (result === undefined) return ''
  if (!result) return 'MISSED'
  if (row.goal === undefined) return 'met'
  return row.value <= row.goal ? `met, and the goal of ${row.goal}` : `met, not the goal of ${row.goal}`
}

function figure(value) {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}
