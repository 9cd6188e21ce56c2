import type { Location } from '../errors.js'
import type { OsRelease } from './system.js'

/** A purl type (github.com/package-url/purl-spec). */
export type PackageType = 'deb' | 'rpm' | 'apk' | 'npm' | 'pypi' | 'maven' | 'golang' | 'cargo' | 'gem' | 'composer' | 'nuget' | 'generic'

export interface Package {
  readonly type: PackageType
  readonly name: string
  /** As the ecosystem writes it, with epoch and release: `1:2.36-9+deb12u4`. */
  readonly version: string
  readonly arch?: string
  /** Name of the source package that advisories of the distribution name; the package's own name where it has no other. */
  readonly source?: string
  readonly sourceVersion?: string
  readonly purl: string
  /** File that proves it, in the tree of its system. */
  readonly path: string
  /** The same file by volume, partition and path inside its filesystem. */
  readonly evidence: Location
  /** `SystemInfo.id` of the system it belongs to; absent on a filesystem that belongs to none. */
  readonly system?: string
  /** The distribution whose advisories apply (OS packages). */
  readonly distro?: OsRelease
  /** As the package states it: an SPDX expression, or the distribution's own words. */
  readonly license?: string
  readonly vendor?: string
  /** Bytes of the installed files, as the package states them. */
  readonly sizeBytes?: number
  /** ISO 8601. */
  readonly installedAt?: string
  /** Module that the package was built in, `name:stream:version:context` (rpm). */
  readonly modularity?: string
  /** Id of the key that signed the package, 16 hexadecimal digits (rpm). */
  readonly signingKey?: string
  /** Repository that it was installed from, as the package manager recorded it: `amzn2-core`, `amzn2extra-kernel-5.15`. */
  readonly repository?: string
  /** State of the package manager's record where it is not plainly installed: `half-configured`, `unpacked`, … */
  readonly state?: string
  /** Of a package with a kernel image, where `SystemInfo.bootKernel` is known: whether it is that kernel. */
  readonly bootKernel?: boolean
  /** Cataloger that found it. */
  readonly foundBy: string
}
