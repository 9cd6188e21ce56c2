import type { Package, SystemInfo } from '../../model.js'

/** Debian and Ubuntu: `linux-image-6.1.0-18-amd64`, `linux-image-unsigned-5.15.0-1053-aws`. */
const DEB_IMAGE = /^linux-image-(?:unsigned-)?(\d.*?)(?:-unsigned)?$/
/** The packages of rpm that hold an image; the flavour is what stands behind the first hyphen. */
const RPM_IMAGE = /^(?:kernel|linux)(?:\d[\d.]*)?(?:-([\w-]+?))?(?:-core)?$/
/** Flavours whose `uname -r` is that of a kernel without one. */
const UNNAMED_FLAVOURS = new Set(['core', 'uek', 'lt', 'ml'])
const NO_IMAGE =
  /-(?:headers|devel|modules|tools|doc|docs|source|srpm|abi|firmware|libbpf|livepatch|debuginfo|syms|macros|api|dracut|drivers|extra)(?:-|$)/

/** Whether a package holds a kernel's image, and whether that is the kernel of `release` (`uname -r`); undefined where it holds none. */
export function ownsKernel({ type, name, version, arch }: Package, release: string): boolean | undefined {
  if (type === 'deb') {
    const image = DEB_IMAGE.exec(name)?.[1]
    return image === undefined ? undefined : image === release
  }
  if (type !== 'rpm' || NO_IMAGE.test(name)) return undefined
  const match = RPM_IMAGE.exec(name)
  return match ? isReleaseOf(release, version.replace(/^\d+:/, ''), arch, match[1]) : undefined
}

function isReleaseOf(release: string, version: string, arch: string | undefined, flavour: string | undefined): boolean {
  const withArch = arch === undefined ? version : `${version}.${arch}`
  if (flavour === undefined || UNNAMED_FLAVOURS.has(flavour)) return release === version || release === withArch
  // Red Hat: 5.14.0-427.13.1.el9_4.x86_64+rt; before RHEL 9 the real-time kernel had versions of its own.
  if (release === `${withArch}+${flavour}`) return true
  if (flavour === 'rt' && version.includes('.rt')) return release === withArch
  // SUSE and Photon: 5.14.21-150400.24.100-default, of a package whose release may have a rebuild's number behind it, and for a
  // package made of that one its own.
  const base = flavour.replace(/-base$/, '')
  if (!release.endsWith(`-${base}`)) return false
  const built = release.slice(0, -base.length - 1)
  const behind = base === flavour ? /^\.\d+$/ : /^\.[\d.]+$/
  return version === built || (version.startsWith(built) && behind.test(version.slice(built.length)))
}

/** The packages, those with a kernel's image marked where the system's boot loader says which kernel it starts. */
export function markBootKernels(packages: readonly Package[], systems: readonly SystemInfo[]): readonly Package[] {
  const releases = new Map(systems.flatMap(({ id, bootKernel }) => (bootKernel ? [[id, bootKernel.release] as const] : [])))
  if (releases.size === 0) return packages
  return packages.map((pkg) => {
    const release = pkg.system === undefined || !pkg.distro ? undefined : releases.get(pkg.system)
    const bootKernel = release === undefined ? undefined : ownsKernel(pkg, release)
    return bootKernel === undefined ? pkg : { ...pkg, bootKernel }
  })
}
