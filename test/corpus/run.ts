// Runs over a folder of real data: `rpmdb/*` (databases, each with what is expected of it) and `advisories/*` (samples of feeds).
//   npm run test:corpus -- DIR
import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { messageOf } from '../../src/errors.js'
import { checkAdvisories } from './advisories.js'
import type { Check } from './check.js'
import { checkRpmDatabase } from './rpmdb.js'

const KINDS: Readonly<Record<string, (folder: string, name: string) => Promise<Check[]>>> = {
  rpmdb: checkRpmDatabase,
  advisories: checkAdvisories,
}

/** A check that throws has failed. */
async function checksOf(root: string, kind: string, check: (folder: string, name: string) => Promise<Check[]>): Promise<Check[]> {
  const parent = join(root, kind)
  if (!existsSync(parent)) return [{ name: kind, outcome: 'skip', detail: `${relative('.', parent)} is not there` }]
  const checks: Check[] = []
  for (const entry of readdirSync(parent, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!entry.isDirectory()) continue
    const name = `${kind}/${entry.name}`
    try {
      checks.push(...(await check(join(parent, entry.name), name)))
    } catch (error) {
      checks.push({ name, outcome: 'fail', detail: messageOf(error) })
    }
  }
  return checks
}

const root = process.argv[2]
if (root === undefined || !existsSync(root)) {
  process.stderr.write('usage: npm run test:corpus -- DIR\n')
  process.exit(2)
}
const counts = { ok: 0, fail: 0, skip: 0 }
for (const [kind, check] of Object.entries(KINDS)) {
  for (const { name, outcome, detail } of await checksOf(root, kind, check)) {
    counts[outcome]++
    process.stdout.write(`${outcome.padEnd(4)}  ${name}: ${detail}\n`)
  }
}
process.stdout.write(`\n${counts.ok} passed, ${counts.fail} failed, ${counts.skip} skipped\n`)
process.exit(counts.fail > 0 || counts.ok === 0 ? 1 : 0)
