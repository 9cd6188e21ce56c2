import type { OsRelease, Package } from '../../../src/model.js'

type Event = { introduced?: string; fixed?: string; last_affected?: string; limit?: string }

/** An `affected` entry; without events the whole branch is affected and unfixed. */
export function affected(ecosystem: string, name: string, events: Event[] = [], more: object = {}): object {
  return {
    package: { ecosystem, name },
    ranges: [{ type: 'ECOSYSTEM', events: events.length > 0 ? events : [{ introduced: '0' }] }],
    ...more,
  }
}

/** The usual range of a distribution: everything below the fix. */
export function fixedIn(fixed: string): Event[] {
  return [{ introduced: '0' }, { fixed }]
}

export function osv(id: string, entries: readonly unknown[], more: object = {}): object {
  return { schema_version: '1.7.0', id, modified: '2025-01-01T00:00:00Z', affected: entries, ...more }
}

export function debian(version: string): OsRelease {
  return { id: 'debian', idLike: [], versionId: version, name: 'Debian GNU/Linux' }
}

export function ubuntu(version: string, more: Partial<OsRelease> = {}): OsRelease {
  return { id: 'ubuntu', idLike: ['debian'], versionId: version, name: 'Ubuntu', ...more }
}

/** An installed deb package: `glibc/libc6` is libc6 of the source package glibc. */
export function deb(name: string, version: string, distro: OsRelease | undefined = debian('12'), more: Partial<Package> = {}): Package {
  const [source = name, binary = name] = name.split('/')
  return {
    type: 'deb',
    name: binary,
    version,
    arch: 'amd64',
    source,
    sourceVersion: version,
    purl: `pkg:deb/debian/${binary}@${version}`,
    path: '/var/lib/dpkg/status',
    evidence: { volume: 'vol-1', partition: 1, path: '/var/lib/dpkg/status' },
    ...(distro ? { distro } : {}),
    foundBy: 'dpkg',
    ...more,
  }
}
