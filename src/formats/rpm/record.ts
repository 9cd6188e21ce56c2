import { CorruptError, messageOf, ScanError } from '../../errors.js'
import type { HeaderBlob } from './blob.js'
import { RpmHeader } from './header.js'
import { signingKeyOf } from './signature.js'

// https://rpm-software-management.github.io/rpm/manual/tags.html
const SIGPGP = 259
const SIGGPG = 262
const DSAHEADER = 267
const RSAHEADER = 268
const OPENPGP = 278 // base64, rpm 4.20 and later
const NAME = 1000
const VERSION = 1001
const RELEASE = 1002
const EPOCH = 1003
const INSTALLTIME = 1008
const SIZE = 1009
const VENDOR = 1011
const LICENSE = 1014
const PACKAGER = 1015
const ARCH = 1022
const OLDFILENAMES = 1027
const SOURCERPM = 1044
const DIRINDEXES = 1116
const BASENAMES = 1117
const DIRNAMES = 1118
const LONGSIZE = 5009
const MODULARITYLABEL = 5096

/** What a name, a version or a release never has. */
const UNPRINTABLE = /[\0-\x20\x7f]/
const MAX_LABEL_LENGTH = 4096

/** An installed package, as its header in the database has it. */
export interface RpmRecord {
  /** The header's number in its database. */
  readonly number: number
  readonly name: string
  /** Absent where the package has none, which orders as 0. */
  readonly epoch: number | undefined
  readonly version: string
  readonly release: string
  /** `noarch` too; absent in the records of public keys. */
  readonly arch: string | undefined
  /** File name of the source package: `bash-5.1.8-6.el9.src.rpm`. */
  readonly sourceRpm: string | undefined
  readonly vendor: string | undefined
  readonly license: string | undefined
  readonly packager: string | undefined
  /** Bytes of all files. */
  readonly sizeBytes: number | undefined
  /** Seconds since the epoch. */
  readonly installTime: number | undefined
  /** `name:stream:version:context` */
  readonly modularity: string | undefined
  /** Id of the key that signed the package, 16 hexadecimal digits. */
  readonly signingKey: string | undefined
  /** Absolute paths of all files and directories; decoded anew at each call. @throws CorruptError, LimitError */
  files(): readonly string[]
}

/** @throws CorruptError that names the header's number where it cannot be decoded */
export function decodeRpmRecord({ number, bytes }: HeaderBlob): RpmRecord {
  try {
    const header = new RpmHeader(bytes)
    return {
      number,
      name: label(header, NAME, 'name'),
      epoch: header.number(EPOCH),
      version: label(header, VERSION, 'version'),
      release: label(header, RELEASE, 'release'),
      arch: header.string(ARCH),
      sourceRpm: header.string(SOURCERPM),
      vendor: header.string(VENDOR),
      license: header.string(LICENSE),
      packager: header.string(PACKAGER),
      sizeBytes: header.number(LONGSIZE) ?? header.number(SIZE),
      installTime: header.number(INSTALLTIME),
      modularity: header.string(MODULARITYLABEL) || undefined,
      signingKey: signingKey(header),
      files: () => filesOf(header),
    }
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    throw new CorruptError(`header ${number}`, messageOf(error))
  }
}

function label(header: RpmHeader, tag: number, what: string): string {
  const text = header.string(tag)
  if (!text || text.length > MAX_LABEL_LENGTH || UNPRINTABLE.test(text)) throw new CorruptError('rpm header', `no valid ${what}`)
  return text
}

/** A signature of the header itself comes before one of header and payload. */
function signingKey(header: RpmHeader): string | undefined {
  const openPgp = header.string(OPENPGP)
  const packet =
    openPgp === undefined
      ? (header.binary(RSAHEADER) ?? header.binary(DSAHEADER) ?? header.binary(SIGPGP) ?? header.binary(SIGGPG))
      : Buffer.from(openPgp, 'base64')
  return packet && signingKeyOf(packet)
}

function filesOf(header: RpmHeader): readonly string[] {
  const baseNames = header.strings(BASENAMES)
  if (baseNames.length === 0) return header.strings(OLDFILENAMES)
  const dirNames = header.strings(DIRNAMES)
  const dirIndexes = header.numbers(DIRINDEXES)
  if (dirIndexes.length !== baseNames.length) {
    throw new CorruptError('rpm header', `${baseNames.length} base names with ${dirIndexes.length} directory indexes`)
  }
  return baseNames.map((baseName, i) => {
    const dirName = dirNames[dirIndexes[i]!]
    if (dirName === undefined) throw new CorruptError('rpm header', `file ${i} is in directory ${dirIndexes[i]} of ${dirNames.length}`)
    return dirName + baseName
  })
}
