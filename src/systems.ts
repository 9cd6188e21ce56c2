import { type Location, messageOf, ScanError } from './errors.js'
import type { LocatedFileSystem, Machine } from './machine.js'
import type { Issue, SystemInfo } from './model.js'
import { findBootKernel } from './os/boot/index.js'
import { lifecycleOf } from './os/lifecycle.js'

/** What is told of every system. A boot loader's configuration that cannot be understood costs what it would have said. */
export async function describeSystems({ systems }: Machine, now: Date): Promise<{ systems: SystemInfo[]; issues: Issue[] }> {
  const issues: Issue[] = []
  const described = systems.map(async ({ id, os, tree, root, mounts }): Promise<SystemInfo> => {
    const lifecycle = lifecycleOf(os, now)
    const bootKernel = await findBootKernel(
      tree,
      mounts.map(({ path }) => path),
    ).catch((error: unknown) => {
      if (!(error instanceof ScanError)) throw error
      const message = `the kernel that the boot loader starts: ${messageOf(error)}`
      issues.push({ stage: 'machine', code: error.code, message, where: locationOf(root), incomplete: false })
      return undefined
    })
    return { id, os, root: locationOf(root), mounts, ...(lifecycle && { lifecycle }), ...(bootKernel && { bootKernel }) }
  })
  return { systems: await Promise.all(described), issues }
}
