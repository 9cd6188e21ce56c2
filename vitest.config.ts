import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    // By default one core stays idle, which on two doubles the time.
    maxWorkers: '100%',
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/oracle/**', 'test/corpus/**'], testTimeout: 20_000 } },
      // Real tools and kernel mounts: one file at a time, loop devices are shared.
      {
        test: { name: 'oracle', include: ['test/oracle/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 600_000, fileParallelism: false },
      },
    ],
  },
})

export default config
