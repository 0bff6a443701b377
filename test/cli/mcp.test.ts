import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { mcpServer } from '../../src/agents/index.js'
import { emptyDirectory, fixture } from './command-lines.js'
import { root } from './processes.js'

const tsx = pathToFileURL(join(root, 'node_modules/tsx/dist/esm/index.mjs')).href

it('advancer mcp is a server whose tools are the orchestrations', { timeout: 60_000 }, async () => {
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
