import type { Location } from '../errors.js'

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
