import { messageOf, ScanError } from './errors.js'
import { locationOf } from './machine/located.js'
import type { Machine } from './machine.js'
import type { Issue, SystemInfo } from './model.js'
import { findBootKernel } from './os/boot/index.js'
import { lifecycleOf } from './os/lifecycle.js'

/** The systems as the result has them, and what kept them from being told whole. */
export interface DescribedSystems {
  readonly systems: readonly SystemInfo[]
  readonly issues: readonly Issue[]
}

/**
 * What is told of every system at a time. A boot loader's configuration that cannot be understood costs only what it would have said.
 * @throws only `signal.reason` of the reads
 */
export async function describeSystems(machine: Machine, now: Date): Promise<DescribedSystems> {
  const systems: SystemInfo[] = []
  const issues: Issue[] = []
  for (const { id, os, tree, root, mounts } of machine.systems) {
    const where = locationOf(root)
    const paths = mounts.map(({ path }) => path)
    const bootKernel = await findBootKernel(tree, paths).catch((error: unknown) => {
      if (!(error instanceof ScanError)) throw error
      const message = `the kernel that the boot loader starts: ${messageOf(error)}`
      issues.push({ stage: 'machine', code: error.code, message, where, incomplete: false })
      return undefined
    })
    const lifecycle = lifecycleOf(os, now)
    systems.push({ id, os, root: where, mounts, ...(lifecycle && { lifecycle }), ...(bootKernel && { bootKernel }) })
  }
  return { systems, issues }
}
