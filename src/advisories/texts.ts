const MAX_DETAILS_LENGTH = 4_096
const MAX_REFERENCES = 50
const MAX_URL_LENGTH = 2_048
/** Control characters other than line ends and tabs: a text may end up on a terminal. */
const UNPRINTABLE = /[^\P{Cc}\n\t]/gu

/** A text of an advisory, of any type, as it may be shown; empty where it is none. */
export function cleanText(value: unknown): string {
  if (typeof value !== 'string') return ''
  const text = value.replace(UNPRINTABLE, '').trim()
  return text.length <= MAX_DETAILS_LENGTH ? text : `${text.slice(0, MAX_DETAILS_LENGTH - 1)}…`
}

/** Those of some values that are web addresses, each once. */
export function referenceUrls(values: readonly unknown[]): string[] {
  const urls = values.filter(
    (url): url is string => typeof url === 'string' && /^https?:\/\/\S+$/.test(url) && url.length <= MAX_URL_LENGTH,
  )
  return [...new Set(urls)].slice(0, MAX_REFERENCES)
}
