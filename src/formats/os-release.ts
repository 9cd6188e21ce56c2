// freedesktop.org/software/systemd/man/latest/os-release.html: shell assignments without expansion.

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/

/** The assignments of an os-release or lsb-release file; the last of a name wins. Lines that are none are left out. */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const assignment = ASSIGNMENT.exec(line.trim())
    if (!assignment) continue
    const value = unquoteShell(assignment[2]!)
    if (value !== undefined) fields.set(assignment[1]!, value)
  }
  return fields
}

/**
 * The word a POSIX shell makes of the right side of an assignment, without expanding anything; undefined where a quote stays open.
 * pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02
 */
function unquoteShell(source: string): string | undefined {
  let value = ''
  for (let i = 0; i < source.length; i++) {
    const char = source[i]!
    if (char === "'") {
      const end = source.indexOf("'", i + 1)
      if (end < 0) return undefined
      value += source.slice(i + 1, end)
      i = end
    } else if (char === '"') {
      for (i++; source[i] !== '"'; i++) {
        if (i >= source.length) return undefined
        if (source[i] === '\\' && /["$`\\]/.test(source[i + 1] ?? '')) i++
        value += source[i]
      }
    } else if (char === '\\') {
      value += source[++i] ?? ''
    } else if (char === ' ' || char === '\t') {
      break // the word ends; a comment may follow
    } else {
      value += char
    }
  }
  return value
}
