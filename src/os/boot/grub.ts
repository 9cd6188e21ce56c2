import { LimitError, ParseError } from '../../errors.js'
import { parseGrubEnv } from '../../formats/grub-env.js'
import { type GrubStatement, type GrubWord, parseGrubScript } from '../../formats/grub-script.js'
import type { BootFiles } from './files.js'
import { chooseEntry, decodeMenuEntry, type GrubMenuEntry } from './grub-menu.js'
import { evaluateTest } from './grub-test.js'
import { readGrubBls } from './loader-entries.js'

/** What a run may cost: a command is one, a part of a word is one, a file looked for is `LOOKUP_COST`. */
const MAX_STEPS = 200_000
const LOOKUP_COST = 50
/** Functions and files within one another. */
const MAX_CALLS = 16
const MAX_FILES = 32
const MAX_ENTRIES = 10_000
const MAX_VARIABLES = 1_000
const MAX_VALUE = 1_024

const LINUX = new Set(['linux', 'linux16', 'linuxefi'])
/** What a hypervisor is started with; of its modules one is the kernel. */
const MODULE = new Set(['module', 'module2'])
/** Commands whose answer is of the running machine, and most often no. */
const FAILING = new Set(['false', 'keystatus', 'regexp', 'sleep'])
/** What GRUB sets before it reads its configuration: https://www.gnu.org/software/grub/manual/grub/grub.html#Special-environment-variables */
const FEATURES = [
  'feature_menuentry_id',
  'feature_timeout_style',
  'feature_default_font_path',
  'feature_platform_search_hint',
  'feature_all_video_module',
  'feature_200_final',
]

/** What a run of a configuration comes to. */
export interface GrubChoice {
  /** The kernel's path as the configuration has it. */
  readonly kernel: string
  readonly how: string
}

/**
 * Follow a grub.cfg as GRUB would, without its keyboard and its modules, to the kernel that its default entry starts; undefined where the
 * default starts none, or cannot be known.
 * @throws ParseError, LimitError
 */
export async function runGrubConfig(path: string, files: BootFiles): Promise<GrubChoice | undefined> {
  const run = new GrubRun(path, files)
  await run.file(path)
  return run.boot()
}

class GrubRun {
  readonly #files: BootFiles
  readonly #variables = new Map<string, string>()
  readonly #functions = new Map<string, readonly GrubStatement[]>()
  #menu: GrubMenuEntry[] = []
  #steps = 0
  #hasBls = false
  #calls = 0
  #filesRead = 0
  #kernel: string | undefined
  /** The environment block is where it cannot be read, so that what is saved in it is not known. */
  #envUnknown = false

  constructor(path: string, files: BootFiles) {
    this.#files = files
    const folder = path.slice(0, path.lastIndexOf('/'))
    for (const feature of FEATURES) this.#variables.set(feature, 'y')
    this.#variables.set('grub_platform', folder.includes('/efi/') ? 'efi' : 'pc')
    this.#variables.set('prefix', folder)
    this.#variables.set('config_directory', folder)
  }

  /** Run a file of the tree in the environment there is. */
  async file(path: string): Promise<boolean> {
    const text = await this.#read(path)
    if (text === undefined) return false
    await this.#list(parseGrubScript(text))
    return true
  }

  async boot(): Promise<GrubChoice | undefined> {
    if (this.#envUnknown) return undefined
    let value = this.#get('default')
    const how = this.#describe(value)
    for (let depth = 0; depth < MAX_CALLS; depth++) {
      const { entry, rest } = chooseEntry(this.#menu, value)
      if (!entry) return undefined
      if (entry.kernel !== undefined) return { kernel: entry.kernel, how }
      this.#menu = []
      this.#kernel = undefined
      this.#variables.set('chosen', entry.id)
      await this.#list(entry.body)
      if (!entry.submenu) return this.#kernel === undefined ? undefined : { kernel: this.#kernel, how }
      value = rest
    }
    return undefined
  }

  /** By what the default was chosen. */
  #describe(value: string): string {
    if (value === '') return 'first entry'
    const { entry } = chooseEntry(this.#menu, value)
    const title = JSON.stringify(entry?.title.slice(0, 100) ?? '')
    return value === this.#get('saved_entry') ? `saved entry ${title}` : `default entry ${title}`
  }

  #read(path: string): Promise<string | undefined> {
    if (++this.#filesRead > MAX_FILES) throw new LimitError('files of a GRUB configuration', MAX_FILES)
    return this.#files.text(path)
  }

  /** Where a file is, in the tree. */
  #find(path: string): Promise<string | undefined> {
    this.#spend(LOOKUP_COST)
    return this.#files.find(path)
  }

  #get(name: string): string {
    return this.#variables.get(name) ?? ''
  }

  #set(name: string, value: string): void {
    if (this.#variables.size >= MAX_VARIABLES && !this.#variables.has(name)) throw new LimitError('variables of GRUB', MAX_VARIABLES)
    this.#variables.set(name, value)
  }

  async #list(statements: readonly GrubStatement[]): Promise<boolean> {
    let status = true
    for (const statement of statements) status = await this.#statement(statement)
    return status
  }

  async #statement(statement: GrubStatement): Promise<boolean> {
    this.#spend(1)
    switch (statement.kind) {
      case 'loop':
        return true
      case 'function':
        if (this.#functions.size < MAX_VARIABLES) this.#functions.set(statement.name, statement.body)
        return true
      case 'if':
        for (const { test, body } of statement.branches) if (await this.#list(test)) return this.#list(body)
        return this.#list(statement.otherwise)
      case 'command': {
        const words = statement.words.flatMap((word) => this.#expand(word))
        return this.#command(words, statement.block)
      }
    }
  }

  #spend(steps: number): void {
    this.#steps += steps
    if (this.#steps > MAX_STEPS) throw new LimitError('steps of a GRUB configuration', MAX_STEPS)
  }

  #expand(word: GrubWord): string[] {
    this.#spend(word.parts.length)
    let text = ''
    for (const part of word.parts) {
      text += typeof part === 'string' ? part : this.#get(part.variable)
      if (text.length > MAX_VALUE) throw new LimitError('characters of a word of GRUB', MAX_VALUE)
    }
    return text === '' && !word.quoted ? [] : [text]
  }

  async #command(words: readonly string[], block: readonly GrubStatement[] | undefined): Promise<boolean> {
    const [name = '', ...args] = words
    const body = this.#functions.get(name)
    if (body) return this.#call(body)
    if (args.length === 0 && /^[A-Za-z_]\w*=/.test(name)) return this.#assign(name)
    if (LINUX.has(name) && args[0]) this.#kernel ??= args[0]
    else if (MODULE.has(name) && /\/vmlinu[xz][^/]*$/.test(args[0] ?? '')) this.#kernel ??= args[0]
    if (FAILING.has(name)) return false
    switch (name) {
      case '[':
        return evaluateTest(args.slice(0, -1), { exists: (path) => this.#exists(path) })
      case 'test':
        return evaluateTest(args, { exists: (path) => this.#exists(path) })
      case 'set':
        return this.#assign(args[0] ?? '')
      case 'unset':
        for (const variable of args) this.#variables.delete(variable)
        return true
      case 'increment':
      case 'decrement':
        if (args[0]) this.#set(args[0], String((Number.parseInt(this.#get(args[0]), 10) || 0) + (name === 'increment' ? 1 : -1)))
        return true
      case 'search':
        return this.#search(args)
      case 'load_env':
        return this.#loadEnv(args)
      case 'menuentry':
      case 'submenu':
        return this.#add(decodeMenuEntry(args), block, name === 'submenu')
      case 'blscfg':
      case 'bls_import':
        return this.#addBls()
      case 'source':
      case '.':
      case 'configfile':
        return this.#source(args[0] ?? '', name === 'configfile')
      default:
        return true
    }
  }

  #assign(text: string): boolean {
    const equals = text.indexOf('=')
    if (equals > 0) this.#set(text.slice(0, equals), text.slice(equals + 1))
    return true
  }

  async #call(body: readonly GrubStatement[]): Promise<boolean> {
    if (++this.#calls > MAX_CALLS) throw new LimitError('nested calls of a GRUB configuration', MAX_CALLS)
    const status = await this.#list(body)
    this.#calls--
    return status
  }

  /** A device is where the tree has it: none needs a name. */
  #search(args: readonly string[]): boolean {
    for (const arg of args) {
      const [, name] = /^--set=(\w+)$/.exec(arg) ?? []
      if (name !== undefined) this.#set(name, '')
    }
    return true
  }

  async #exists(path: string): Promise<boolean> {
    const found = await this.#find(path)
    if (found === undefined) await this.#noteDangling(path)
    return found !== undefined
  }

  /** Of a link to a filesystem that is not read (the EFI system partition), so nothing it says would be known. */
  async #noteDangling(path: string): Promise<void> {
    const slash = path.lastIndexOf('/')
    if (path.slice(slash + 1) !== 'grubenv' || this.#envUnknown) return
    if (await this.#files.isDangling(path.slice(0, slash), 'grubenv')) this.#envUnknown = true
  }

  async #loadEnv(args: readonly string[]): Promise<boolean> {
    const { file, names } = decodeLoadEnv(args)
    const path = file ?? `${this.#get('prefix')}/grubenv`
    const found = await this.#find(path)
    if (found === undefined) {
      await this.#noteDangling(path)
      return false
    }
    const text = (await this.#read(found)) ?? ''
    try {
      for (const [name, value] of parseGrubEnv(text)) {
        if (names.length === 0 || names.includes(name)) this.#set(name, value.slice(0, MAX_VALUE))
      }
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      return false // as GRUB goes on without one
    }
    return true
  }

  #add(named: { title: string; id: string } | undefined, body: readonly GrubStatement[] | undefined, submenu: boolean): boolean {
    if (!named || !body) return false
    this.#push({ ...named, body, submenu })
    return true
  }

  /** Once: what is in the menu already is not added again. */
  async #addBls(): Promise<boolean> {
    if (this.#hasBls) return true
    this.#hasBls = true
    for (const entry of await readGrubBls(this.#files, this.#get('blsdir'))) this.#push(entry)
    return true
  }

  #push(entry: GrubMenuEntry): void {
    if (this.#menu.length >= MAX_ENTRIES) throw new LimitError('entries of a GRUB menu', MAX_ENTRIES)
    this.#menu.push(entry)
  }

  async #source(path: string, alone: boolean): Promise<boolean> {
    const found = await this.#find(path)
    if (found === undefined) return false
    if (++this.#calls > MAX_CALLS) throw new LimitError('nested files of a GRUB configuration', MAX_CALLS)
    if (alone) {
      this.#menu = []
      this.#hasBls = false
      this.#variables.set('config_directory', found.slice(0, found.lastIndexOf('/')))
    }
    const status = await this.file(found)
    this.#calls--
    return status
  }
}

function decodeLoadEnv(args: readonly string[]): { file: string | undefined; names: readonly string[] } {
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
