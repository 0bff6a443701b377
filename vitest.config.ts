import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const src = fileURLToPath(new URL('./src', import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^advancer$/, replacement: `${src}/index.ts` },
      { find: /^advancer\/([a-z]+)$/, replacement: `${src}/$1/index.ts` },
    ],
  },
  test: {
    setupFiles: ['test/fixed-seed.ts'],
    // One fewer than there are cores, as usual, would be a single one on two cores, and much of what the tests do is waiting.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // How long it takes to say that something hangs; no test is to fail because a machine is slow or has much else to do.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 60_000, interval: 20 } },
    unstubGlobals: true,
    unstubEnvs: true,
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: 'advancer', include: ['test/**/*.test.ts'] } },
      {
        // What talks to a server through the official client, once more with the other major version of it.
        extends: true,
        resolve: { alias: [{ find: /^openai$/, replacement: 'openai-7' }] },
        test: {
          name: 'openai 7',
          env: { OPENAI_PACKAGE: 'openai-7', OPENAI_MAJOR: '7' },
          include: [
            'test/demos/**/*.test.ts',
            'test/agents/{openai-*,several-clients,structured-output}.test.ts',
            'test/chat/chat-over-http.test.ts',
            'test/serving/openai-*.test.ts',
            'test/testing/record-model.test.ts',
          ],
        },
      },
    ],
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary', 'lcov'] },
  },
})
