import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { mcpServer } from '../../src/agents/index.js'
import { emptyDirectory, fixture } from './command-lines.js'
import { root, tsx } from './processes.js'

it('advancer mcp is a server whose tools are the orchestrations', async () => {
  const server = mcpServer({
    name: 'advancer',
    command: process.execPath,
    args: ['--import', tsx, join(root, 'src/cli/main.ts'), 'mcp', fixture('several.ts')],
    cwd: emptyDirectory(),
    env: { TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') },
  })
  onTestFinished(() => server.close())
  const tools = await server.tools()
  expect(tools.map(({ name }) => name)).toContain('Shout')
})
