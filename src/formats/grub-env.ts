import { ParseError } from '../errors.js'

// https://www.gnu.org/software/grub/manual/grub/grub.html#Environment-block

const SIGNATURE = '# GRUB Environment Block\n'

/** The variables of a grubenv file, as `grub-editenv list` prints them. @throws ParseError without the signature */
export function parseGrubEnv(text: string): ReadonlyMap<string, string> {
  if (!text.startsWith(SIGNATURE)) throw new ParseError('no GRUB environment block')
  const variables = new Map<string, string>()
  // A backslash protects the character after it, a line feed as well.
  for (const [line] of text.slice(SIGNATURE.length).matchAll(/(?:[^\\\n]|\\.)+/gs)) {
    const equals = line.indexOf('=')
    if (line.startsWith('#') || equals < 1) continue
    variables.set(line.slice(0, equals), line.slice(equals + 1).replace(/\\(.)/gs, '$1'))
  }
  return variables
}
