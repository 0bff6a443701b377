import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/cli/commands/commands.js'
import { exitCodes } from '../../src/cli/exit-code.js'
import { cli } from './command-lines.js'

const document = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')

describe('docs/cli.md', () => {
  it.each(commands.map(({ name }) => name))('has %s', name => {
    const [first, second] = name.split(' ')
    expect(document).toContain(`\n## ${first}\n`)
    if (second !== undefined) expect(document).toContain(`\`${name}`)
  })

  it.each(['run', 'serve'])('has every option of %s', name => {
    const command = commands.find(each => each.name === name)
    const [, section = ''] = document.split(`\n## ${name}\n`)
    const [text = ''] = section.split('\n## ')
    for (const option of Object.keys(command?.options ?? {})) expect(text).toContain(`--${option}`)
  })

  it('has every exit code and every variable, in the words of --help', async () => {
    for (const [code, what] of exitCodes) expect(document).toContain(`| ${code} | ${what} |`)
    const [, section = ''] = (await cli(['--help'])).out.split('\nEnvironment\n')
    const variables = [...section.matchAll(/^ {2}([A-Z_]+) +(.+)$/gm)]
    expect(variables.length).toBeGreaterThan(3)
    for (const [, name, what] of variables) expect(document).toContain(`| \`${name}\` | ${what} |`)
  })
})
