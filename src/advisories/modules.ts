/** A module's name and stream. The word before a colon and a space, `Important: …`, is none. */
const NAME_AND_STREAM = /(?<![\w:])[A-Za-z][\w.+-]*:[\w+-][\w.+-]*/g

/** Whether a release is of a module's build: `1.module_el8.10.0+3890+5a092792`, `21.module+el8.7.0+21037+8ee66348`. */
export function isModular(release: string): boolean {
  return /\.module(?:_|\+)/.test(release)
}

/** The module streams that the title of an advisory names: `nodejs:18` of `Moderate: nodejs:18 security update`. */
export function titleModules(title: string): string[] {
  return [...new Set(title.match(NAME_AND_STREAM) ?? [])]
}
