import type { Location, ScanErrorCode } from './errors.js'

export type { Location } from './errors.js'
export type * from './model/instance.js'

/** The step of the scan in which something went wrong. */
export type Stage = 'volume' | 'disk' | 'filesystem' | 'machine' | 'catalog' | 'match' | 'cleanup'

/** A problem that cost only what it names; everything else was still done. */
export interface Issue {
  readonly stage: Stage
  readonly code: ScanErrorCode
  /** One line: what was expected, what was found. */
  readonly message: string
  readonly where: Location
  /** False where nothing of the inventory can be missing for it (a bad checksum on a structure that was still read, say). */
  readonly incomplete: boolean
}

/** How a volume, partition, filesystem or package file ended. `ignored`: recognised, holds no files (swap, boot code). */
export type Outcome = 'read' | 'ignored' | 'unsupported' | 'failed'

export interface OsRelease {
  /** `ID` of os-release(5): `debian`, `ubuntu`, `amzn`. */
  readonly id: string
  readonly idLike: readonly string[]
  /** `VERSION_ID`; absent on rolling releases such as Debian sid. */
  readonly versionId?: string
  readonly versionCodename?: string
  readonly name: string
  readonly prettyName?: string
  /** `VARIANT_ID`: `server`, `aws-k8s-1.29`. `stream` on CentOS Stream, which os-release(5) tells from CentOS Linux by its name alone. */
  readonly variantId?: string
  /** SUSE: names of the installed products, the base product first: `SLES_SAP`, `sle-module-basesystem`. */
  readonly products?: readonly string[]
  /** Ubuntu: the machine is attached to Ubuntu Pro, so ESM packages can be had (evidence: apt sources, ESM versions). */
  readonly pro?: boolean
}

/** One operating system found on the volumes. */
export interface SystemInfo {
  /** `/` for the only or first root, else where it lies: `vol-1:2`, or a chroot's path in its tree. */
  readonly id: string
  readonly os: OsRelease
  readonly root: Location
  readonly mounts: readonly MountInfo[]
  /** Absent where nothing is known of the release. */
  readonly lifecycle?: OsLifecycle
  /** Absent where no boot loader's configuration that is read says it. */
  readonly bootKernel?: BootKernel
}

/** Whether a release of an operating system is still supported. */
export interface OsLifecycle {
  readonly state: 'supported' | 'discontinued'
  /** Day on which support ends or ended, ISO 8601; absent where no end is announced. */
  readonly endOfLife?: string
  /** Of the finding that a discontinued release is in itself: nothing that is found in it from then on is mended. */
  readonly severity: 'critical' | 'none'
}

/** The kernel that the boot loader would start. Which one runs cannot be seen on a disk. */
export interface BootKernel {
  /** As `uname -r` tells it: `6.1.0-18-amd64`. */
  readonly release: string
  /** Its image, in the tree of the system. */
  readonly path: string
  /** File that says so, in the tree of the system, and by what in it: `/boot/grub/grub.cfg: saved entry`. */
  readonly how: string
}

export interface MountInfo {
  /** Where it is mounted in the system's tree. */
  readonly path: string
  readonly volume: string
  readonly partition?: number
  readonly filesystem: string
}

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

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'negligible' | 'none' | 'unknown'

export interface CvssScore {
  /** `2.0`, `3.0`, `3.1`, `4.0`. */
  readonly version: string
  readonly vector: string
  /** 0..10. */
  readonly baseScore: number
  /** Advisory record that gives it: one of those that matched, else another one of the same CVE. */
  readonly source: string
}

/** A half-open or closed stretch of versions; every field in the ecosystem's own spelling. */
export interface AffectedRange {
  /** `0`: from the first version on. */
  readonly introduced: string
  readonly fixed?: string
  readonly lastAffected?: string
  /** Exactly this version is listed. */
  readonly exact?: string
}

/** Why an advisory applies to a package. */
export interface Match {
  /** Record that matched: `DSA-5673-1`. */
  readonly advisory: string
  readonly ecosystem: string
  /** The package's own name, or its source package's. */
  readonly by: 'name' | 'source'
  readonly name: string
  /** The version that was compared. */
  readonly version: string
  readonly range: AffectedRange
  readonly note?: MatchNote
}

/**
 * What to know of a match.
 * - `version-unparsed` the installed version is outside its ecosystem's grammar; its place in the order is a guess
 * - `repository-assumed` which repository the package is from is not recorded; this one has versions of the same upstream line
 * - `approximate` the advisories of the distribution that this one is rebuilt from
 */
export type MatchNote = 'version-unparsed' | 'repository-assumed' | 'approximate'

/** `mitigated-by-livepatch`: a kernel live patch that is installed takes the vulnerability out of the running kernel. */
export type FindingState = 'fix-available' | 'no-fix' | 'needs-pro' | 'will-not-fix' | 'mitigated-by-livepatch' | 'unknown'

/** Of CISA's catalogue of known exploited vulnerabilities. */
export interface Exploited {
  /** `YYYY-MM-DD`: in the catalogue since. */
  readonly since: string
  /** `YYYY-MM-DD`: by when federal agencies have to mend it. */
  readonly dueDate?: string
  /** Used in ransomware campaigns. */
  readonly ransomware?: boolean
}

/** Of FIRST's Exploit Prediction Scoring System. */
export interface ExploitPrediction {
  /** 0..1: of being exploited within 30 days. */
  readonly probability: number
  /** 0..1: share of all vulnerabilities with at most this probability. */
  readonly percentile: number
}

/** One vulnerability in one package. */
export interface Finding {
  /** The CVE where there is one, else the advisory's own id. */
  readonly vulnerability: string
  /** All ids of the alias cluster, and of the records that matched. */
  readonly ids: readonly string[]
  readonly package: Package
  readonly severity: Severity
  /** The vendor's own word: `not yet assigned`, `Medium`. */
  readonly vendorSeverity?: string
  readonly cvss: readonly CvssScore[]
  readonly state: FindingState
  /** Smallest version that fixes the branch the package is on. */
  readonly fixedVersion?: string
  readonly otherFixedVersions: readonly string[]
  readonly matches: readonly Match[]
  readonly title: string
  readonly description: string
  readonly references: readonly string[]
  /** Where the vulnerability is described. */
  readonly url?: string
  /** ISO 8601. */
  readonly published?: string
  readonly modified?: string
  /** Malware advisory (`MAL-…`). */
  readonly malware?: boolean
  /** It is known to be exploited. */
  readonly exploited?: Exploited
  readonly epss?: ExploitPrediction
}

export interface PartitionCoverage {
  /** Absent for a disk without a partition table. */
  readonly partition?: number
  readonly scheme: 'gpt' | 'mbr' | 'none'
  readonly name?: string
  /** Partition type by name where it is known, else its id. */
  readonly type?: string
  readonly startByte: number
  readonly sizeBytes: number
  /** `ext4`, `xfs`, `swap`, `lvm2`, `luks`, `efi`, `empty`, `unknown`, … */
  readonly contents: string
  readonly outcome: Outcome
  readonly reason?: string
  readonly filesystem?: FileSystemCoverage
}

export interface FileSystemCoverage {
  readonly kind: string
  readonly uuid: string
  readonly label: string
  readonly mountedAt?: string
  readonly system?: string
  readonly journal: 'none' | 'clean' | 'dirty' | 'replayed'
  readonly journalDetail?: string
  /** Entries the walk met. */
  readonly entries: number
  readonly unreadableEntries: number
}

export interface VolumeCoverage {
  readonly volume: string
  readonly device?: string
  readonly snapshot?: string
  readonly sizeBytes: number
  readonly outcome: Outcome
  readonly reason?: string
  readonly partitions: readonly PartitionCoverage[]
}

export interface CatalogerCoverage {
  readonly cataloger: string
  readonly filesRead: number
  readonly filesFailed: number
  readonly packages: number
}

export interface ScanStats {
  /** Requests to the EBS direct APIs (0 for local images); retries are counted in. */
  readonly requests: number
  readonly listRequests: number
  readonly blocks: number
  readonly bytes: number
  readonly retries: number
  readonly cacheHits: number
  /** US dollars of those requests at list prices. */
  readonly usd: number
  readonly milliseconds: number
}

export interface DatabaseInfo {
  readonly path: string
  /** ISO 8601. */
  readonly built: string
  readonly advisories: number
  readonly sources: readonly { readonly name: string; readonly advisories: number; readonly updated: string }[]
}

/** What a scan found, and how far that can be trusted. */
export interface ScanResult {
  readonly schemaVersion: 1
  readonly scanner: { readonly name: 'snapsight'; readonly version: string }
  /** ISO 8601. */
  readonly startedAt: string
  readonly finishedAt: string
  /** `complete` only where nothing that could hold packages stayed unread. */
  readonly status: 'complete' | 'incomplete'
  readonly systems: readonly SystemInfo[]
  readonly volumes: readonly VolumeCoverage[]
  readonly catalogers: readonly CatalogerCoverage[]
  readonly packages: readonly Package[]
  /** Empty without an advisory database; see `database`. */
  readonly findings: readonly Finding[]
  readonly issues: readonly Issue[]
  readonly database?: DatabaseInfo
  readonly stats: ScanStats
}
