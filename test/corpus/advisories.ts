import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
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
  if (unread.length < files.length) checks.push(await build(folder, name))
  return checks
}

async function build(folder: string, name: string): Promise<Check> {
  const scratch = mkdtempSync(join(tmpdir(), 'snapsight-corpus-'))
  let read = 0
  try {
    const onProgress = ({ records }: { readonly records: number }): void => void (read = records)
    const { sources } = await buildDatabase({ from: [folder], to: join(scratch, 'advisories.db'), onProgress })
    const stored = sources.reduce((sum, source) => sum + source.records, 0)
    const withdrawn = sources.reduce((sum, source) => sum + source.withdrawn, 0)
    const refused = sources.flatMap((source) => source.rejected)
    const unexplained = refused.filter(({ reason }) => reason.trim() === '')
    const lost = stored + withdrawn === 0 && refused.length === 0
    return {
      name,
      outcome: unexplained.length > 0 || lost ? 'fail' : 'ok',
      detail: [
        `${read} records read: ${stored} stored, ${withdrawn} withdrawn${refused.length === 0 ? ', none refused' : ''}`,
        ...refused.map(({ reason, count, example }) => `${count} refused: ${reason || 'WITHOUT A REASON'} (${example})`),
        ...(lost ? ['nothing became of them'] : []),
      ].join('\n    '),
    }
  } catch (error) {
    return { name, outcome: 'fail', detail: messageOf(error) }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
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
