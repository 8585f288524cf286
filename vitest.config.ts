import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // The client as it is written, not as it was built last.
  resolve: { alias: { 'oee-client': fileURLToPath(new URL('client/src/index.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/embeddedFolder.ts',
    pool: 'forks',
    // Two files at a time: the suites start whole engines, and timing means nothing on crowded cores.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    passWithNoTests: false,
  },
})
