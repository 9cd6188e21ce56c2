import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { buildDatabase } from '../../../src/advisories/build.js'
import { readDocument } from '../../../src/advisories/formats/index.js'
import { testFolder } from '../support/folder.js'
import { outcomesOf, pieces } from '../support/outcomes.js'
import { update, updates } from '../support/rpm.js'
import { zip } from '../support/zip.js'

const GOOD = update({ id: 'ALAS2-2018-939', cves: ['CVE-2017-5754'], short: 'amazon-linux-2', packages: ['kernel 4.9.76-38.79.amzn2'] })
const feed = updates(GOOD)

describe('bad XML', () => {
  const doctype = (content: string): string => feed.replace('<updates>', `<!DOCTYPE updates ${content}><updates>`)

  it.each([
    ['a document type declaration', doctype('SYSTEM "http://example.org/x.dtd"'), /document type declaration/],
    ['entities that grow', doctype('[<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]'), /document type declaration/],
    ['an entity that nobody declared', feed.replace('<title>', '<title>&b;'), /not well-formed/],
    ['an end in the middle', feed.slice(0, -40), /not well-formed/],
    ['tags that do not match', feed.replace('</title>', '</titel>'), /not well-formed/],
    ['another encoding by name', feed.replace('?>', ' encoding="ISO-8859-1"?>').replace('<title>', '<title>\u00e9'), /another encoding/],
    ['bytes that are not UTF-8', Buffer.from(feed.replace('<title>', '<title>\u00e9'), 'latin1'), /not UTF-8/],
    ['UTF-16', Buffer.from(`\ufeff${feed}`, 'utf16le'), /not recognised/],
    ['elements without end in each other', `<updates>${'<a>'.repeat(100_000)}`, /too deep/],
    ['another root', '<html><body/></html>', /no form of advisories/],
    ['no elements', '<?xml version="1.0"?>', /not well-formed/],
  ])('with %s is refused', async (_, text, message) => {
    await expect(outcomesOf(text)).rejects.toMatchObject({ code: 'PARSE', message: expect.stringMatching(message) })
  })

  it('tells nothing of the content', async () => {
    const error = await outcomesOf(feed.replace('</title>', '</p4ssw0rd>')).catch((error: Error) => error)
    expect(String(error)).not.toContain('Linux')
    expect(String(error)).not.toContain('\n')
  })

  it('keeps what came before the damage', async () => {
    const found: unknown[] = []
    const reading = (async () => {
      for await (const outcome of readDocument(pieces(`${feed.slice(0, -10)}<update><`))) found.push(outcome)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'PARSE' })
    expect(found).toMatchObject([{ kind: 'record' }])
  })

  it('reads the same in pieces of any size', async () => {
    const whole = await outcomesOf(feed)
    expect(whole).toMatchObject([{ kind: 'record', record: { details: { id: 'ALAS2-2018-939' } } }])
    for (const size of [1, 7, 1000]) expect(await outcomesOf(feed.replace('<title>', '<title>\u00e9\u{1f600}'), size)).toHaveLength(1)
  })

  it('an element out of all proportion costs itself', async () => {
    const many = GOOD.replace('</collection>', `${'<package/>'.repeat(500_001)}</collection>`)
    const long = GOOD.replace('<description>', `<description>${'x'.repeat(33 * 1024 * 1024)}`)
    expect((await outcomesOf(updates(many, GOOD))).map(({ kind }) => kind)).toEqual(['rejected', 'record'])
    await expect(outcomesOf(updates(long))).rejects.toMatchObject({ message: expect.stringContaining('too large') })
  })

  it('names of the prototype are only names', async () => {
    const xml = update({ id: 'ALAS2-2018-1', short: 'amazon-linux-2', packages: ['__proto__ 1-1', 'constructor 1-1'] }).replace(
      '<title>',
      '<title toString="1">',
    )
    expect(await outcomesOf(updates(xml))).toMatchObject([
      { record: { advisories: [{ packageName: '__proto__' }, { packageName: 'constructor' }] } },
    ])
  })
})

describe('bad JSON in pieces', () => {
  const record = (n: number): string =>
    JSON.stringify({
      id: `DEBIAN-CVE-2024-${1000 + n}`,
      details: '"}],{'.repeat(100),
      affected: [{ package: { ecosystem: 'Debian:12', name: 'p' }, versions: ['1'] }],
    })

  it('a list that is too large to be read whole is read item by item', async () => {
    const items = Array.from({ length: 12_000 }, (_, i) => record(i))
    const text = `[${items.join(',\n')}]`
    expect(text.length).toBeGreaterThan(8 * 1024 * 1024)
    expect((await outcomesOf(text)).filter(({ kind }) => kind === 'record')).toHaveLength(12_000)
    await expect(outcomesOf(text.slice(0, -1))).rejects.toMatchObject({ code: 'PARSE', message: 'not JSON' })
  })
})

describe('bad files', () => {
  it('each costs only itself, and is named', async () => {
    const folder = testFolder()
    writeFileSync(join(folder, 'good.xml.gz'), gzipSync(feed))
    writeFileSync(join(folder, 'cut.xml.gz'), gzipSync(feed))
    truncateSync(join(folder, 'cut.xml.gz'), 100)
    writeFileSync(join(folder, 'dtd.xml'), feed.replace('<updates>', '<!DOCTYPE updates><updates>'))
    writeFileSync(join(folder, 'empty.json'), '')
    writeFileSync(join(folder, 'notes.csv'), 'a,b\n')
    writeFileSync(join(folder, 'elsa-all.xml.bz2'), 'BZh9')
    writeFileSync(join(folder, 'PYSEC-2021-1.yaml'), 'id: PYSEC-2021-1\n')
    writeFileSync(join(folder, 'slip.zip'), zip([{ name: '../../../etc/updateinfo.xml', text: feed.replaceAll('939', '940') }]))
    const { records, sources } = await buildDatabase({ from: [folder], to: join(testFolder(), 'a.db') })
    expect(records).toBe(2)
    expect(Object.fromEntries(sources[0]!.rejected.map(({ reason, count }) => [reason, count]))).toEqual({
      'unreadable file': 1,
      'XML with a document type declaration': 1,
      'not recognised as any form of advisories': 2,
      'compressed with bzip2: unpack it first': 1,
      'PyPI advisory in YAML: of language ecosystems only OSV in JSON is read': 1,
    })
  })
})
