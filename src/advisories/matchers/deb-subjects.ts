import type { Match, Package } from '../../model.js'

/** A name that advisories may use for a package, and the version that goes with it. */
export interface Subject {
  readonly by: Match['by']
  readonly name: string
  readonly version: string
}

/** Sources that only sign or depend on a kernel: `linux-signed-amd64`, `linux-signed-hwe-6.8`, `linux-meta-aws`. */
const KERNEL_WRAPPER = /^linux-(signed|meta)(?=-|$)/
const ARCH_SUFFIX = /-(?:amd64|arm64|i386)$/
/** linux-meta counts `version.abi.upload`; the upload is its own and not the kernel's. */
const META_VERSION = /^(\d+\.\d+\.\d+)\.(\d+)\.\d+/

/**
 * What to look a deb package up by: its source package and version, and its own name for the advisories that list binary packages.
 * Kernel images come from a source that only signs them; advisories name the kernel's own.
 */
export function debSubjects(pkg: Package): Subject[] {
  const source = kernelOf(pkg) ?? { name: pkg.source ?? pkg.name, version: pkg.sourceVersion ?? pkg.version }
  if (source.name === pkg.name) return [{ by: 'name', ...source }]
  return [
    { by: 'source', ...source },
    { by: 'name', name: pkg.name, version: pkg.version },
  ]
}

function kernelOf(pkg: Package): { name: string; version: string } | undefined {
  const wrapper = KERNEL_WRAPPER.exec(pkg.source ?? pkg.name)?.[1]
  if (wrapper === undefined) return undefined
  const name = (pkg.source ?? pkg.name).replace(KERNEL_WRAPPER, 'linux').replace(ARCH_SUFFIX, '')
  // The signing source's own version is `6.1.90+1` for the kernel 6.1.90-1; the binary package carries the kernel's.
  if (wrapper === 'signed') return { name, version: pkg.version }
  // Above every upload of the same ABI, since nothing tells which of them is installed.
  return { name, version: pkg.version.replace(META_VERSION, '$1-$2.x') }
}
