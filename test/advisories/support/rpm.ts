import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { buildDatabase } from '../../../src/advisories/build.js'
import { matchPackages } from '../../../src/advisories/match.js'
import { openStore } from '../../../src/advisories/store.js'
import type { AdvisoryStore } from '../../../src/advisories/types.js'
import type { Finding, OsRelease, Package } from '../../../src/model.js'
import { testFolder } from './folder.js'

export function os(id: string, versionId: string, ...idLike: string[]): OsRelease {
  return { id, versionId, idLike, name: id }
}

/** An installed rpm package: `bind/bind-libs` is bind-libs of the source package bind. */
export function rpm(name: string, version: string, distro: OsRelease | undefined, more: Partial<Package> = {}): Package {
  const [source = name, binary = name] = name.split('/')
  return {
    type: 'rpm',
    name: binary,
    version,
    arch: 'x86_64',
    source,
    sourceVersion: version.replace(/^\d+:/, ''),
    purl: `pkg:rpm/${distro?.id}/${binary}@${version}`,
    path: '/var/lib/rpm/rpmdb.sqlite',
    evidence: { volume: 'vol-1', partition: 1, path: '/var/lib/rpm/rpmdb.sqlite' },
    ...(distro ? { distro } : {}),
    foundBy: 'rpm',
    ...more,
  }
}

/** `name epoch:version-release arch` */
export interface UpdateFields {
  readonly id: string
  readonly cves?: readonly string[]
  readonly short: string
  readonly packages: readonly string[]
  readonly severity?: string
  readonly type?: string
  readonly title?: string
  readonly release?: string
  readonly description?: string
  readonly issued?: string
  /** XML of the collection besides its packages. */
  readonly collection?: string
}

/** An update element as Amazon writes it. */
export function update({ id, cves = [], short, packages, severity = 'important', type = 'security', ...more }: UpdateFields): string {
  const references = cves.map(
    (cve) => `<reference href="http://cve.mitre.org/cgi-bin/cvename.cgi?name=${cve}" title="" id="${cve}" type="cve" />`,
  )
  const built = packages.map((text) => {
    const [, name, epoch = '0', version, release, arch = 'x86_64'] = /^(\S+) (?:(\d+):)?(.+)-([^- ]+)(?: (\S+))?$/.exec(text) ?? []
    return `<package name="${name}" version="${version}" release="${release}" epoch="${epoch}" arch="${arch}"><filename>Packages/x.rpm</filename></package>`
  })
  return `<update status="final" version="1.4" author="a@b.c" type="${type}" from="a@b.c"><id>${id}</id><title>${more.title ?? id}</title>
    <issued date="${more.issued ?? '2023-02-17 20:41:00'}" /><updated date="2023-02-22 23:22" /><severity>${severity}</severity>
    ${more.release === undefined ? '' : `<release>${more.release}</release>`}<description>${more.description ?? ''}</description>
    <references>${references.join('')}</references><pkglist><collection short="${short}"><name>${short}</name>${more.collection ?? ''}${built.join('')}
    </collection></pkglist></update>`
}

export function updates(...elements: readonly string[]): string {
  return `<?xml version="1.0" ?>\n<updates>${elements.join('\n')}</updates>`
}

/** A database of some files, by name. */
export async function storeOf(files: Readonly<Record<string, string | Buffer>>): Promise<AdvisoryStore> {
  const folder = testFolder()
  const from = Object.entries(files).map(([name, content]) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  })
  await buildDatabase({ from, to: join(folder, 'advisories.db') })
  const store = openStore(join(folder, 'advisories.db'))
  onTestFinished(() => store.close())
  return store
}

/** What a reader looks at first, of each finding. */
export function brief(findings: readonly Finding[]): unknown[] {
  return findings.map(({ vulnerability, package: { name }, state, fixedVersion }) => [vulnerability, name, state, fixedVersion])
}

export function match(store: AdvisoryStore, ...packages: readonly Package[]): readonly Finding[] {
  return matchPackages(packages, store).findings
}
