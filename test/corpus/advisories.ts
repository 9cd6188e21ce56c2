import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { buildDatabase } from '../../src/advisories/build.js'
import { openSource } from '../../src/advisories/sources/index.js'
import { ConfigError, messageOf } from '../../src/errors.js'
import type { Check } from './check.js'

/** A folder of advisories: every record has to be stored, taken back by its author, or refused for a reason. */
export async function checkAdvisories(folder: string, name: string): Promise<Check[]> {
  const files = filesBelow(folder)
  const unread = files.filter((file) => !isSource(file))
  const checks: Check[] = []
  if (unread.length > 0) {
    const kinds = [...new Set(unread.map((file) => extname(file) || 'no extension'))].join(', ')
    checks.push({ name, outcome: 'skip', detail: `${unread.length} of ${files.length} files are of kinds that are not read yet: ${kinds}` })
  }
  if (unread.length < files.length) checks.push(await build(folder, name, files))
  return checks
}

async function build(folder: string, name: string, files: readonly string[]): Promise<Check> {
  const scratch = mkdtempSync(join(tmpdir(), 'snapsight-corpus-'))
  let read = 0
  try {
    const onProgress = ({ records }: { readonly records: number }): void => {
      read = records
    }
    const { sources } = await buildDatabase({ from: [folder], to: join(scratch, 'advisories.db'), onProgress })
    const stored = sources.reduce((sum, source) => sum + source.records, 0)
    const withdrawn = sources.reduce((sum, source) => sum + source.withdrawn, 0)
    const refused = sources.flatMap((source) => source.rejected)
    const unexplained = refused.filter(({ reason }) => reason.trim() === '')
    const repeated = repeatedIds(files.filter((file) => file.endsWith('.json')))
    const explained = stored + withdrawn + repeated + refused.reduce((sum, { count }) => sum + count, 0)
    // Of a feed in one file only the feed knows how its records are told apart, so there it must at least say something.
    const lost = files.every((file) => file.endsWith('.json')) ? read - explained : explained === 0 ? read : 0
    return {
      name,
      // Where nothing at all could be used, it is a feed of a kind that is not read yet.
      outcome: unexplained.length > 0 || lost > 0 ? 'fail' : stored + withdrawn === 0 ? 'skip' : 'ok',
      detail: [
        `${read} records read: ${stored} stored, ${withdrawn} withdrawn${refused.length === 0 ? ', none refused' : ''}`,
        ...refused.map(({ reason, count, example }) => `${count} refused: ${reason || 'WITHOUT A REASON'} (${example})`),
        ...(repeated > 0 ? [`${repeated} of an id that another record has; the latest counts`] : []),
        ...(lost > 0 ? [`${lost} gone without a reason`] : []),
      ].join('; '),
    }
  } catch (error) {
    return { name, outcome: 'fail', detail: messageOf(error) }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Records of JSON files whose id an earlier one has. */
function repeatedIds(files: readonly string[]): number {
  const ids = files
    .flatMap((file) => recordsOf(readFileSync(file, 'utf8')))
    .flatMap((record) => (record as { id?: unknown } | null)?.id ?? [])
  return ids.length - new Set(ids).size
}

function recordsOf(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : [value]
  } catch {
    // Counted by the build, which refuses it.
    return []
  }
}

function filesBelow(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .map((file) => join(folder, file))
    .filter((file) => statSync(file).isFile())
    .sort()
}

function isSource(file: string): boolean {
  try {
    openSource(file)
    return true
  } catch (error) {
    if (error instanceof ConfigError) return false
    throw error
  }
}
