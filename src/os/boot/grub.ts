import { LimitError } from '../../errors.js'
import { type GrubStatement, type GrubWord, parseGrubScript } from '../../formats/grub-script.js'
import type { BootFiles } from './files.js'
import { decodeLoadEnv, GrubEnvironment } from './grub-environment.js'
import { chooseEntry, decodeMenuEntry, type GrubMenuEntry } from './grub-menu.js'
import { evaluateTest } from './grub-test.js'
import { readGrubBls } from './loader-entries.js'

/** Commands, and parts of their words. */
const MAX_STEPS = 200_000
/** Functions and files within one another. */
const MAX_CALLS = 16
const MAX_FUNCTIONS = 1_000
const MAX_FILES = 32
/** Paths looked for; each may cost a walk through large directories. */
const MAX_LOOKUPS = 200
const MAX_ENTRIES = 10_000
/** Of a title, in what is told of a choice. */
const MAX_TITLE = 100

const LINUX = new Set(['linux', 'linux16', 'linuxefi'])
/** What a hypervisor is started with; of its modules one is the kernel. */
const MODULE = new Set(['module', 'module2'])
/** Commands whose answer is of the running machine, and most often no. */
const FAILING = new Set(['false', 'keystatus', 'regexp', 'sleep'])

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
  readonly #env = new GrubEnvironment()
  readonly #functions = new Map<string, readonly GrubStatement[]>()
  #menu: GrubMenuEntry[] = []
  #kernel: string | undefined
  #hasBls = false
  /** Whether the environment block is where it cannot be read, so that what is saved in it is not known; undefined before it is asked. */
  #envUnknown: boolean | undefined
  #folder: string
  #steps = 0
  #calls = 0
  #filesRead = 0
  #lookups = 0

  constructor(path: string, files: BootFiles) {
    this.#files = files
    this.#folder = folderOf(path)
    this.#env.set('grub_platform', path.includes('/efi/') ? 'efi' : 'pc')
    this.#env.set('prefix', this.#folder)
    this.#env.set('config_directory', this.#folder)
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
    let value = this.#env.get('default')
    const how = this.#describe(value)
    for (let depth = 0; depth < MAX_CALLS; depth++) {
      const { entry, rest } = chooseEntry(this.#menu, value)
      if (!entry) return undefined
      if (entry.kernel !== undefined) return { kernel: entry.kernel, how }
      this.#menu = []
      this.#kernel = undefined
      this.#env.set('chosen', entry.id)
      await this.#list(entry.body)
      if (!entry.submenu) return this.#kernel === undefined ? undefined : { kernel: this.#kernel, how }
      value = rest
    }
    return undefined
  }

  /** By what the default was chosen. */
  #describe(value: string): string {
    if (value === '') return 'first entry'
    const title = JSON.stringify(chooseEntry(this.#menu, value).entry?.title.slice(0, MAX_TITLE) ?? '')
    return value === this.#env.get('saved_entry') ? `saved entry ${title}` : `default entry ${title}`
  }

  #spend(steps: number): void {
    this.#steps += steps
    if (this.#steps > MAX_STEPS) throw new LimitError('steps of a GRUB configuration', MAX_STEPS)
  }

  #read(path: string): Promise<string | undefined> {
    if (++this.#filesRead > MAX_FILES) throw new LimitError('files of a GRUB configuration', MAX_FILES)
    return this.#files.text(path)
  }

  /** Where a file is, in the tree. */
  #find(path: string): Promise<string | undefined> {
    if (++this.#lookups > MAX_LOOKUPS) throw new LimitError('paths that a GRUB configuration looks for', MAX_LOOKUPS)
    return this.#files.find(path)
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
        if (this.#functions.size < MAX_FUNCTIONS) this.#functions.set(statement.name, statement.body)
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

  #expand(word: GrubWord): readonly string[] {
    this.#spend(word.parts.length)
    return this.#env.expand(word)
  }

  async #command([name = '', ...args]: readonly string[], block: readonly GrubStatement[] | undefined): Promise<boolean> {
    const body = this.#functions.get(name)
    if (body) return this.#call(() => this.#list(body))
    if (FAILING.has(name)) return false
    if (LINUX.has(name) && args[0]) this.#kernel ??= args[0]
    else if (MODULE.has(name) && /\/vmlinu[xz][^/]*$/.test(args[0] ?? '')) this.#kernel ??= args[0]
    else if (args.length === 0 && /^[A-Za-z_]\w*=/.test(name)) this.#env.assign(name)
    switch (name) {
      case '[':
        return evaluateTest(args.slice(0, -1), (path) => this.#exists(path))
      case 'test':
        return evaluateTest(args, (path) => this.#exists(path))
      case 'load_env':
        return this.#loadEnv(args)
      case 'menuentry':
      case 'submenu':
        return this.#addEntry(args, block, name === 'submenu')
      case 'blscfg':
      case 'bls_import':
        return this.#addBls()
      case 'source':
      case '.':
        return this.#source(args[0] ?? '', false)
      case 'configfile':
        return this.#source(args[0] ?? '', true)
      case 'set':
        this.#env.assign(args[0] ?? '')
        break
      case 'unset':
        for (const variable of args) this.#env.unset(variable)
        break
      case 'increment':
      case 'decrement':
        if (args[0]) this.#env.add(args[0], name === 'increment' ? 1 : -1)
        break
      case 'search':
        // The device that is found: paths on it are looked for wherever the tree may have it, so it needs no name.
        for (const arg of args) if (/^--set=\w/.test(arg)) this.#env.set(arg.slice('--set='.length), '')
        break
    }
    return true
  }

  async #call(run: () => Promise<boolean>): Promise<boolean> {
    if (++this.#calls > MAX_CALLS) throw new LimitError('nested calls of a GRUB configuration', MAX_CALLS)
    const status = await run()
    this.#calls--
    return status
  }

  async #exists(path: string): Promise<boolean> {
    if ((await this.#find(path)) !== undefined) return true
    if (path.endsWith('/grubenv')) await this.#missEnv()
    return false
  }

  async #loadEnv(args: readonly string[]): Promise<boolean> {
    const { file, names } = decodeLoadEnv(args)
    const path = await this.#find(file ?? `${this.#env.get('prefix')}/grubenv`)
    const text = path === undefined ? undefined : await this.#read(path)
    if (text !== undefined) return this.#env.load(text, names)
    await this.#missEnv()
    return false
  }

  /** It may be a link to a filesystem that is not read, as the EFI system partition. */
  async #missEnv(): Promise<void> {
    this.#envUnknown ??= await this.#files.isDangling(this.#folder, 'grubenv')
  }

  #addEntry(args: readonly string[], body: readonly GrubStatement[] | undefined, submenu: boolean): boolean {
    const named = decodeMenuEntry(args)
    if (!named || !body) return false
    this.#push({ ...named, body, submenu })
    return true
  }

  /** Once: what is in the menu already is not added again. */
  async #addBls(): Promise<boolean> {
    if (this.#hasBls) return true
    this.#hasBls = true
    for (const entry of await readGrubBls(this.#files, this.#env.get('blsdir'))) this.#push(entry)
    return true
  }

  #push(entry: GrubMenuEntry): void {
    if (this.#menu.length >= MAX_ENTRIES) throw new LimitError('entries of a GRUB menu', MAX_ENTRIES)
    this.#menu.push(entry)
  }

  /** `asMenu`: the file has a menu of its own, in place of this one. */
  async #source(path: string, asMenu: boolean): Promise<boolean> {
    const found = await this.#find(path)
    if (found === undefined) return false
    if (asMenu) {
      this.#menu = []
      this.#hasBls = false
      this.#envUnknown = undefined
      this.#folder = folderOf(found)
      this.#env.set('config_directory', this.#folder)
    }
    return this.#call(() => this.file(found))
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}
