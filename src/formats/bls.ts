// Type #1 entries: https://uapi-group.org/specifications/specs/boot_loader_specification/

/** A drop-in file of the Boot Loader Specification. */
export interface BlsEntry {
  /** The file's name without `.conf`. */
  readonly id: string
  readonly title?: string
  readonly version?: string
  readonly machineId?: string
  readonly sortKey?: string
  /** Path of the kernel on the filesystem of the entry. */
  readonly linux?: string
}

const SUFFIX = '.conf'

/** The id of an entry's file, or undefined for a file that is none. */
export function blsEntryId(fileName: string): string | undefined {
  return fileName.endsWith(SUFFIX) && fileName.length > SUFFIX.length && !fileName.startsWith('.')
    ? fileName.slice(0, -SUFFIX.length)
    : undefined
}

/** A key and, after blanks, its value on each line; the first of a key counts. */
export function parseBlsEntry(id: string, text: string): BlsEntry {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, key, value] = /^[ \t]*([^#\s]\S*)[ \t]+(.*)$/.exec(line.trimEnd()) ?? []
    if (key !== undefined && value !== undefined && !values.has(key)) values.set(key, value)
  }
  const [title, version, machineId, sortKey, linux] = ['title', 'version', 'machine-id', 'sort-key', 'linux'].map((key) => values.get(key))
  return {
    id,
    ...(title && { title }),
    ...(version && { version }),
    ...(machineId && { machineId }),
    ...(sortKey && { sortKey }),
    ...(linux && { linux }),
  }
}
