/** Where something happened. Every field that is known is set; none ever holds file contents. */
export interface Location {
  /** EBS volume id, or the image file's name. */
  readonly volume?: string
  /** Partition number as the kernel counts (1-based); absent for a disk without a partition table. */
  readonly partition?: number
  /** Filesystem UUID. */
  readonly filesystem?: string
  /** Path inside the system's tree, or inside the filesystem where it is mounted nowhere. */
  readonly path?: string
}

/**
 * - `IO` the source failed or came up short
 * - `CORRUPT` bytes contradict their specification
 * - `UNSUPPORTED` valid, but not read by this library; names the feature
 * - `LIMIT` a bound of ours was reached
 * - `PARSE` a package database or an advisory is malformed
 * - `PATH` a path cannot be resolved (see `errno`)
 * - `AWS` the service refused or failed
 * - `CONFIG` the caller asked for something that cannot be done
 */
export type ScanErrorCode = 'IO' | 'CORRUPT' | 'UNSUPPORTED' | 'LIMIT' | 'PARSE' | 'PATH' | 'AWS' | 'CONFIG'

/** Base of every error this library throws on purpose. An abort passes `signal.reason` through untouched instead. */
export abstract class ScanError extends Error {
  abstract readonly code: ScanErrorCode
}

/** The block source failed or came up short. */
export class IoError extends ScanError {
  override readonly name = 'IoError'
  readonly code = 'IO'
}

/** Bytes contradict their specification: what structure, at which byte of its container, and how. */
export class CorruptError extends ScanError {
  override readonly name = 'CorruptError'
  readonly code = 'CORRUPT'
  readonly structure: string
  readonly at: number | undefined
  constructor(structure: string, problem: string, at?: number) {
    super(`${structure}: ${problem}${at === undefined ? '' : ` (at byte ${at})`}`)
    this.structure = structure
    this.at = at
  }
}

/** Valid, but not read by this library. */
export class UnsupportedError extends ScanError {
  override readonly name = 'UnsupportedError'
  readonly code = 'UNSUPPORTED'
  readonly feature: string
  constructor(feature: string, message = `unsupported: ${feature}`) {
    super(message)
    this.feature = feature
  }
}

/** A bound of ours (depth, links, size, entries) was reached. */
export class LimitError extends ScanError {
  override readonly name = 'LimitError'
  readonly code = 'LIMIT'
  readonly limit: number
  constructor(what: string, limit: number) {
    super(`${what}: more than ${limit}`)
    this.limit = limit
  }
}

/** A package database or an advisory is malformed. `line` is 1-based. */
export class ParseError extends ScanError {
  override readonly name = 'ParseError'
  readonly code = 'PARSE'
  readonly line: number | undefined
  constructor(message: string, line?: number) {
    super(line === undefined ? message : `line ${line}: ${message}`)
    this.line = line
  }
}

export type Errno = 'ENOENT' | 'ENOTDIR' | 'EISDIR' | 'ELOOP' | 'EINVAL' | 'ENAMETOOLONG'

/** A path cannot be resolved. */
export class PathError extends ScanError {
  override readonly name = 'PathError'
  readonly code = 'PATH'
  readonly errno: Errno
  readonly path: string
  constructor(errno: Errno, path: string) {
    super(`${errno}: ${JSON.stringify(path)}`)
    this.errno = errno
    this.path = path
  }
}

/** An AWS call failed for good. `awsCode` is the service's own error name, `action` for example `ec2:CreateSnapshots`. */
export class AwsError extends ScanError {
  override readonly name = 'AwsError'
  readonly code = 'AWS'
  readonly action: string
  readonly awsCode: string
  constructor(action: string, awsCode: string, message: string, options?: ErrorOptions) {
    super(`${action}: ${awsCode}: ${message}`, options)
    this.action = action
    this.awsCode = awsCode
  }
}

/** The caller asked for something that cannot be done: says what and how to mend it. */
export class ConfigError extends ScanError {
  override readonly name = 'ConfigError'
  readonly code = 'CONFIG'
}

/** The reason as one line for a person; never a stack trace. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
