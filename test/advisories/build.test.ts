import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildDatabase } from '../../src/advisories/build.js'
import { openStore } from '../../src/advisories/store.js'
import { testFolder } from './support/folder.js'
import { affected, fixedIn, osv } from './support/records.js'
import { recordZip, zip } from './support/zip.js'

const record = (n: number, more: object = {}): object =>
  osv(`DEBIAN-CVE-2024-000${n}`, [affected('Debian:12', 'p', fixedIn(`1.${n}`))], more)

/** Ids in the database for package p. */
function idsIn(path: string): string[] {
  const store = openStore(path)
  const ids = store.lookup('Debian:12', 'p').map(({ id }) => id)
  store.close()
  return ids
}

describe('buildDatabase', () => {
  it('reads records, lists, JSON lines, zips and folders of them', async () => {
    const folder = testFolder()
    mkdirSync(join(folder, 'in/deep/er'), { recursive: true })
    writeFileSync(join(folder, 'in/one.json'), JSON.stringify(record(1)))
    writeFileSync(join(folder, 'in/deep/list.json'), JSON.stringify([record(2), record(3)]))
    writeFileSync(join(folder, 'in/deep/er/answer.json'), `\ufeff${JSON.stringify({ vulns: [record(4)] })}`)
    writeFileSync(join(folder, 'in/deep/er/lines.jsonl'), `${JSON.stringify(record(5))}\n\n${JSON.stringify(record(6))}`)
    writeFileSync(join(folder, 'all.zip'), recordZip([record(7), record(8)]))
    symlinkSync(join(folder, 'all.zip'), join(folder, 'in/linked.zip'))
    symlinkSync(join(folder, 'nowhere'), join(folder, 'in/broken.zip'))
    writeFileSync(join(folder, 'in/README.md'), 'no records')
    symlinkSync(join(folder, 'in'), join(folder, 'in/deep/loop'))
    const to = join(folder, 'out/advisories.db')
    const result = await buildDatabase({ from: [join(folder, 'in')], to })
    expect(result).toMatchObject({ records: 8, sources: [{ records: 8, withdrawn: 0, rejected: [] }] })
    expect(idsIn(to)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `DEBIAN-CVE-2024-000${n}`))
    expect(readdirSync(join(folder, 'out'))).toEqual(['advisories.db'])
  })

  it('counts what cannot be used, by reason, and goes on', async () => {
    const folder = testFolder()
    writeFileSync(
      join(folder, 'all.zip'),
      zip([
        { name: '1.json', text: '{"id": ' },
        { name: '2.json', text: '[]' },
        { name: '3.json', text: '7' },
        { name: '4.json', text: '{}' },
        { name: '../../5.json', text: JSON.stringify(record(5)) },
        { name: '6.json', text: JSON.stringify(record(6)), claims: { crc: 1 } },
        { name: '7.json', text: JSON.stringify(record(7)), claims: { size: 1 } },
        { name: '8.json', text: 'x', claims: { size: 0xf0000000 } },
        { name: '9.json', text: JSON.stringify(record(9)), claims: { flags: 1 } },
        { name: 'a.json', text: JSON.stringify({ ...record(1), affected: 'all' }) },
        { name: 'b.json', text: JSON.stringify({ ...record(2), withdrawn: '2024-01-01T00:00:00Z' }) },
        { name: 'c.json', text: JSON.stringify(record(3)) },
        { name: 'notes.txt', text: 'nothing' },
      ]),
    )
    const to = join(folder, 'a.db')
    const { sources } = await buildDatabase({ from: [join(folder, 'all.zip')], to })
    expect(idsIn(to)).toEqual(['DEBIAN-CVE-2024-0003', 'DEBIAN-CVE-2024-0005'])
    expect(sources[0]).toMatchObject({ records: 2, withdrawn: 1 })
    expect(Object.fromEntries(sources[0]!.rejected.map(({ reason, count }) => [reason, count]))).toEqual({
      'not JSON': 1,
      'not a JSON object': 1,
      'no usable id': 1,
      'damaged zip entry': 2,
      'too large': 1,
      encrypted: 1,
      'no affected packages': 1,
    })
  })

  it('keeps the latest of several records with one id, wherever it comes', async () => {
    const folder = testFolder()
    const at = (day: number, fix: string): object =>
      osv('CVE-2024-0001', [affected('Debian:12', 'p', fixedIn(fix))], { modified: `2025-01-0${day}T00:00:00.5Z` })
    const versions = [at(1, '1'), at(3, '3'), at(2, '2')]
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
      [1, 2, 0],
    ]) {
      writeFileSync(join(folder, 'r.json'), JSON.stringify(order.map((i) => versions[i])))
      await buildDatabase({ from: [join(folder, 'r.json')], to: join(folder, 'a.db') })
      const store = openStore(join(folder, 'a.db'))
      expect(store.lookup('Debian:12', 'p')).toMatchObject([{ ranges: [{ events: [{ introduced: '0' }, { fixed: '3' }] }] }])
      store.close()
    }
  })

  it('forgets the packages that a later version of a record leaves out, and withdrawn records', async () => {
    const folder = testFolder()
    const wide = osv('CVE-2024-0001', [affected('Debian:12', 'p'), affected('Debian:11', 'p')])
    const narrow = osv('CVE-2024-0001', [affected('Debian:11', 'p')], { modified: '2025-02-01T00:00:00Z' })
    const live = record(2)
    const withdrawn = { ...live, modified: '2025-02-01T00:00:00Z', withdrawn: '2025-02-01T00:00:00Z' }
    for (const records of [
      [wide, narrow, live, withdrawn],
      [withdrawn, narrow, wide, live],
    ]) {
      writeFileSync(join(folder, 'r.json'), JSON.stringify(records))
      expect(await buildDatabase({ from: [join(folder, 'r.json')], to: join(folder, 'a.db') })).toMatchObject({ records: 1 })
      expect(idsIn(join(folder, 'a.db'))).toEqual([])
    }
  })

  it('leaves the earlier database and nothing else where it fails or is aborted', async () => {
    const folder = testFolder()
    const to = join(folder, 'a.db')
    writeFileSync(join(folder, 'r.json'), JSON.stringify(record(1)))
    await buildDatabase({ from: [join(folder, 'r.json')], to })
    const before = readFileSync(to)
    writeFileSync(join(folder, 'cut.zip'), recordZip([record(2), record(3)]).subarray(0, 200))
    await expect(buildDatabase({ from: [join(folder, 'r.json'), join(folder, 'cut.zip')], to })).rejects.toMatchObject({ code: 'CORRUPT' })
    await expect(buildDatabase({ from: [join(folder, 'none.json')], to })).rejects.toMatchObject({ code: 'CONFIG' })
    await expect(buildDatabase({ from: [join(folder, 'a.db')], to })).rejects.toMatchObject({ code: 'CONFIG' })
    const reason = new Error('enough')
    writeFileSync(
      join(folder, 'many.json'),
      JSON.stringify(Array.from({ length: 2_000 }, (_, i) => osv(`X-${i}`, [affected('Debian:12', 'p')]))),
    )
    const controller = new AbortController()
    const onProgress = (): void => controller.abort(reason)
    await expect(buildDatabase({ from: [join(folder, 'many.json')], to, signal: controller.signal, onProgress })).rejects.toBe(reason)
    expect(readFileSync(to).equals(before)).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(['a.db', 'cut.zip', 'many.json', 'r.json'])
  })

  it('says where it cannot write', async () => {
    const folder = testFolder()
    writeFileSync(join(folder, 'r.json'), JSON.stringify(record(1)))
    const from = [join(folder, 'r.json')]
    await expect(buildDatabase({ from, to: join(folder, 'r.json/a.db') })).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('a.db'),
    })
    mkdirSync(join(folder, 'taken/inside'), { recursive: true })
    await expect(buildDatabase({ from, to: join(folder, 'taken') })).rejects.toMatchObject({
      code: 'IO',
      message: expect.stringContaining('taken'),
    })
    expect(readdirSync(folder).sort()).toEqual(['r.json', 'taken'])
  })

  it('a bad file in a folder costs only itself', async () => {
    const folder = testFolder()
    mkdirSync(join(folder, 'in'))
    writeFileSync(join(folder, 'in/cut.zip'), recordZip([record(2), record(3)]).subarray(0, 200))
    writeFileSync(join(folder, 'in/r.json'), JSON.stringify(record(1)))
    const { records, sources } = await buildDatabase({ from: [join(folder, 'in')], to: join(folder, 'a.db') })
    expect(records).toBe(1)
    expect(sources[0]?.rejected).toEqual([{ reason: 'unreadable file', count: 1, example: join(folder, 'in/cut.zip') }])
  })
})
