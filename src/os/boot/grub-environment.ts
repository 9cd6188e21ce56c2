import { LimitError, ParseError } from '../../errors.js'
import { parseGrubEnv } from '../../formats/grub-env.js'
import type { GrubWord } from '../../formats/grub-script.js'

const MAX_VARIABLES = 1_000
const MAX_VALUE = 1_024
/** What GRUB sets before it reads its configuration: https://www.gnu.org/software/grub/manual/grub/grub.html#Special-environment-variables */
const FEATURES = [
  'feature_menuentry_id',
  'feature_timeout_style',
  'feature_default_font_path',
  'feature_platform_search_hint',
  'feature_all_video_module',
  'feature_200_final',
]

/** The variables of a run of GRUB. Every method that sets one @throws LimitError */
export class GrubEnvironment {
  readonly #variables = new Map<string, string>(FEATURES.map((feature) => [feature, 'y']))

  /** Empty where it is not set. */
  get(name: string): string {
    return this.#variables.get(name) ?? ''
  }

  set(name: string, value: string): void {
    if (this.#variables.size >= MAX_VARIABLES && !this.#variables.has(name)) throw new LimitError('variables of GRUB', MAX_VARIABLES)
    this.#variables.set(name, value)
  }

  unset(name: string): void {
    this.#variables.delete(name)
  }

  /** `name=value`; anything else sets nothing. */
  assign(text: string): void {
    const equals = text.indexOf('=')
    if (equals > 0) this.set(text.slice(0, equals), text.slice(equals + 1))
  }

  add(name: string, step: number): void {
    this.set(name, String((Number.parseInt(this.get(name), 10) || 0) + step))
  }

  /** None, where nothing is left of a word without quotes. */
  expand({ parts, quoted }: GrubWord): readonly string[] {
    let text = ''
    for (const part of parts) {
      text += typeof part === 'string' ? part : this.get(part.variable)
      if (text.length > MAX_VALUE) throw new LimitError('characters of a word of GRUB', MAX_VALUE)
    }
    return text === '' && !quoted ? [] : [text]
  }

  /** The variables of an environment block, or those that are named; false where the text is none. */
  load(text: string, names: readonly string[]): boolean {
    try {
      for (const [name, value] of parseGrubEnv(text))
        if (names.length === 0 || names.includes(name)) this.set(name, value.slice(0, MAX_VALUE))
      return true
    } catch (error) {
      if (error instanceof ParseError) return false
      throw error
    }
  }
}

/** `load_env [-f FILE] [--skip-sig] [NAME…]` */
export function decodeLoadEnv(args: readonly string[]): { readonly file: string | undefined; readonly names: readonly string[] } {
  let file: string | undefined
  const names: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg === '-f' || arg === '--file') file = args[++i]
    else if (arg.startsWith('--file=')) file = arg.slice('--file='.length)
    else if (!arg.startsWith('-')) names.push(arg)
  }
  return { file, names }
}
