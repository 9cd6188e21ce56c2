import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RpmRecord } from '../../src/formats/rpm/record.js'
import { readRecords } from '../support/rpm-records.js'
import type { Check } from './check.js'

type Expected = Readonly<Record<string, string | number | null | undefined>>

/** Fields of `expected.json`, and what they are called here. */
const FIELDS: Readonly<Record<string, (record: RpmRecord) => string | number | undefined>> = {
  name: ({ name }) => name,
  epoch: ({ epoch }) => epoch,
  version: ({ version }) => version,
  release: ({ release }) => release,
  arch: ({ arch }) => arch,
  sourceRpm: ({ sourceRpm }) => sourceRpm,
  size: ({ sizeBytes }) => sizeBytes,
  license: ({ license }) => license,
  vendor: ({ vendor }) => vendor,
  installTime: ({ installTime }) => installTime,
  modularitylabel: ({ modularity }) => modularity,
}

/** A folder with a database and `expected.json`, `{"packages": […]}`: the database has to give exactly those packages. */
export async function checkRpmDatabase(folder: string, name: string): Promise<Check[]> {
  const files = readdirSync(folder).filter((file) => file !== 'expected.json')
  if (files.length !== 1) return [{ name, outcome: 'fail', detail: `expected one database, found ${files.join(', ') || 'none'}` }]
  const { packages } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as { packages: readonly Expected[] }
  const { records, problems } = await readRecords(readFileSync(join(folder, files[0]!)))
  const given = [...new Set(packages.flatMap((pkg) => Object.keys(pkg)))]
  const compared = given.filter((field) => field in FIELDS)
  const expected = packages.map((pkg) => compared.map((field) => `${field}=${pkg[field] ?? ''}`).join(' ')).sort()
  const actual = records.map((record) => compared.map((field) => `${field}=${FIELDS[field]!(record) ?? ''}`).join(' ')).sort()
  const missing = expected.filter((line) => !actual.includes(line))
  const extra = actual.filter((line) => !expected.includes(line))
  const same = missing.length === 0 && extra.length === 0 && actual.length === expected.length
  const checks: Check[] = [
    {
      name: `${name}/${files[0]}`,
      outcome: same && problems.length === 0 ? 'ok' : 'fail',
      detail: [
        `${actual.length} packages, ${expected.length} expected; compared ${compared.join(', ')}`,
        ...problems,
        ...missing.map((line) => `missing ${line}`),
        ...extra.map((line) => `unexpected ${line}`),
      ].join('; '),
    },
  ]
  const left = given.filter((field) => !(field in FIELDS))
  if (left.length > 0) checks.push({ name: `${name}/${files[0]}`, outcome: 'skip', detail: `${left.join(', ')}: not read from headers` })
  return checks
}
