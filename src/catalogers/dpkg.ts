import { LimitError, ParseError } from '../errors.js'
import { parseDeb822, type Stanza } from '../formats/deb822.js'
import { packageUrl } from '../formats/purl.js'
import type { OsRelease } from '../model.js'
import type { CatalogContext, Cataloger, Evidence, FoundPackage } from './types.js'

// The database of dpkg: https://manpages.debian.org/bookworm/dpkg/dpkg.1.en.html#INFORMATION_ABOUT_PACKAGES

const FIELDS = ['Package', 'Status', 'Version', 'Architecture', 'Source']
const NAME = /^[a-z0-9][a-z0-9+._-]*$/
/** Want, flag, state; the state is the third word. */
const STATUS = /^\S+\s+\S+\s+(\S+)$/
/** A name, and the version in parentheses where it is not the package's own; whatever stands between them is passed over, as dpkg does. */
const SOURCE = /^([a-z0-9][a-z0-9+._-]*)[^(]*(?:\(\s*([\x21-\x27\x2a-\x7e]+))?/i
const PRINTABLE = /^[\x21-\x7e]+$/
const DATABASE = /^(.*)\/var\/lib\/dpkg\/(status|status\.d\/[^/]+)$/s
/** A Debian archive has some 65,000 packages in all. */
const MAX_PACKAGES = 200_000
const MAX_BYTES = 128 * 1024 * 1024
/** dpkg merges its updates into the status file after 250 of them. */
const MAX_UPDATES = 1_000
const MAX_UPDATE_BYTES = 1024 * 1024
/** Broken records after which a database counts as garbage and is read no further. */
const MAX_PROBLEMS = 1_000

/**
 * States in which the files of a package are not on the disk. In every other one (`unpacked`, `half-configured`, `triggers-…`, and
 * `half-installed` as well) they are, wholly or in part, so its vulnerable code can be there: it is listed, with its state.
 */
const ABSENT = new Set(['not-installed', 'config-files'])
const STATES = new Set(['installed', 'unpacked', 'half-installed', 'half-configured', 'triggers-awaited', 'triggers-pending', ...ABSENT])

/** Debian and Ubuntu packages: dpkg's status file with the updates not yet merged into it, and the `status.d` of distroless images. */
export const dpkg: Cataloger = {
  name: 'dpkg',
  patterns: ['**/var/lib/dpkg/status', '**/var/lib/dpkg/status.d/*'],
  async catalog(evidence, context) {
    const [, root, database] = DATABASE.exec(evidence.path) ?? []
    if (root === undefined || database?.endsWith('.md5sums')) return []
    const records = new Records(evidence.path, context)
    const distroless = database !== 'status'
    // The packages of a distroless image carry no Status: to be listed is to be installed.
    records.add(await wholeFile(evidence), distroless ? 'installed' : undefined)
    if (!distroless) await addUpdates(records, evidence.path.replace(/status$/, 'updates'), context)
    return records.packages(await context.osRelease(root || '/'))
  },
}

async function wholeFile(evidence: Evidence): Promise<Uint8Array> {
  if (evidence.file.size > MAX_BYTES) throw new LimitError('bytes of a dpkg status file', MAX_BYTES)
  return evidence.file.read(0, evidence.file.size)
}

/** What dpkg wrote since it last rewrote the status file: one record per file, in the order of their numbers. */
async function addUpdates(records: Records, directory: string, context: CatalogContext): Promise<void> {
  const names = (await context.tree.readdir(directory)).filter((name) => /^\d{1,10}$/.test(name)).sort()
  if (names.length > MAX_UPDATES) context.report(new LimitError('updates of a dpkg status file', MAX_UPDATES), directory)
  for (const name of names.slice(0, MAX_UPDATES)) {
    context.signal?.throwIfAborted()
    const path = `${directory}/${name}`
    try {
      records.add(await context.tree.read(path, MAX_UPDATE_BYTES), undefined, path)
    } catch (error) {
      context.signal?.throwIfAborted()
      context.report(error as Error, path)
    }
  }
}

interface DpkgRecord {
  readonly name: string
  readonly version: string
  readonly arch: string | undefined
  readonly state: string
  readonly source: string
  readonly sourceVersion: string
}

/** Records by name and architecture: a later one takes the place of an earlier one, as in dpkg. */
class Records {
  readonly #records = new Map<string, DpkgRecord>()
  readonly #path: string
  readonly #context: CatalogContext
  #problems = 0

  constructor(path: string, context: CatalogContext) {
    this.#path = path
    this.#context = context
  }

  add(bytes: Uint8Array, stateless: string | undefined, path: string = this.#path): void {
    for (const stanza of parseDeb822(bytes, { fields: FIELDS })) {
      const record = stanza instanceof ParseError ? stanza : decodeRecord(stanza, stateless)
      if (record instanceof ParseError) {
        this.#context.report(record, path)
        if (++this.#problems < MAX_PROBLEMS) continue
        this.#context.report(new LimitError('broken records of a dpkg status file', MAX_PROBLEMS), path)
        return
      }
      const key = `${record.name}\0${record.arch ?? ''}`
      if (ABSENT.has(record.state)) this.#records.delete(key)
      else this.#records.set(key, record)
      if (this.#records.size > MAX_PACKAGES) {
        this.#records.delete(key)
        this.#context.report(new LimitError('packages of a dpkg status file', MAX_PACKAGES), path)
        return
      }
    }
  }

  packages(os: OsRelease | undefined): FoundPackage[] {
    return [...this.#records.values()].map((record) => toPackage(record, os))
  }
}

function decodeRecord(stanza: Stanza, stateless: string | undefined): DpkgRecord | ParseError {
  const field = (name: string): string | undefined => stanza.fields.get(name) || undefined
  const name = field('package')?.toLowerCase()
  if (name === undefined || !NAME.test(name)) return new ParseError('a record without a valid Package', stanza.line)
  const status = field('status')
  const state = status === undefined ? (stateless ?? 'not-installed') : STATUS.exec(status)?.[1]
  if (state === undefined || !STATES.has(state)) return new ParseError(`${name}: not a valid Status`, stanza.line)
  const version = field('version') ?? ''
  if (!ABSENT.has(state) && !PRINTABLE.test(version)) return new ParseError(`${name}: no valid Version`, stanza.line)
  const arch = field('architecture')
  if (arch !== undefined && !PRINTABLE.test(arch)) return new ParseError(`${name}: not a valid Architecture`, stanza.line)
  const [, source = name, sourceVersion = version] = SOURCE.exec(field('source') ?? '') ?? []
  return { name, version, arch, state, source, sourceVersion }
}

function toPackage(record: DpkgRecord, os: OsRelease | undefined): FoundPackage {
  const { name, version, arch, source, sourceVersion } = record
  const release = os?.versionId ?? os?.versionCodename
  const upstream = sourceVersion === version ? source : `${source}@${sourceVersion}`
  return {
    type: 'deb',
    name,
    version,
    ...(arch === undefined ? {} : { arch }),
    source,
    sourceVersion,
    // The epoch stays in the version, as dpkg writes it; `upstream` is given where the source is not of the same name and version.
    purl: packageUrl({
      type: 'deb',
      namespace: os?.id,
      name,
      version,
      qualifiers: {
        arch,
        distro: os && (release === undefined ? os.id : `${os.id}-${release}`),
        upstream: upstream === name ? undefined : upstream,
      },
    }),
    ...(os ? { distro: os } : {}),
    ...(record.state === 'installed' ? {} : { state: record.state }),
  }
}
