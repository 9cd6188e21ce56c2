/** A JSON object of any fields. */
export type Fields = Readonly<Record<string, unknown>>

const MAX_NAME_LENGTH = 1_024
const MAX_VERSION_LENGTH = 10_240
/** Ids, names, ecosystems and versions are one line of text. */
const CONTROL = /\p{Cc}/u
/** RFC 3339, as OSV has it. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/
/** The zero time of the exporters' language stands for an unknown one. */
const ZERO_TIME = /^0001-01-01T/

export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}

export function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH && !CONTROL.test(value) ? value : undefined
}

export function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? [...new Set(value.flatMap((item) => nameOf(item) ?? []))] : []
}

export function versionOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_VERSION_LENGTH && !CONTROL.test(value) ? value : undefined
}

export function versionsOf(value: unknown): string[] {
  return Array.isArray(value) ? [...new Set(value.flatMap((item) => versionOf(item) ?? []))] : []
}

export function timeOf(value: unknown): string | undefined {
  return typeof value === 'string' && TIME.test(value) && !isZeroTime(value) && !Number.isNaN(Date.parse(value)) ? value : undefined
}

export function isZeroTime(time: string): boolean {
  return ZERO_TIME.test(time)
}

/** `modified` in milliseconds; a record without one is older than any other. */
export function modifiedTime(modified: string | undefined): number {
  return modified === undefined ? 0 : Date.parse(modified)
}
