import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './image.js'
import { buildRpms } from './rpm-packages.js'

const FIELDS = [
  'NAME',
  'EPOCH',
  'VERSION',
  'RELEASE',
  'ARCH',
  'SOURCERPM',
  'VENDOR',
  'LICENSE',
  'LONGSIZE',
  'INSTALLTIME',
  'MODULARITYLABEL',
  'PACKAGER',
  'RSAHEADER:pgpsig',
]

/**
 * A root with an SQLite database in which packages were installed, some of them upgraded and others erased afterwards, a signed few and a
 * public key among them. Built once: a later call finds it.
 */
export function rpmRoot(folder: string, count: number, arches: readonly string[]): string {
  const root = join(folder, 'root')
  if (existsSync(root)) return root
  const building = join(folder, 'building')
  rmSync(building, { recursive: true, force: true })
  mkdirSync(building, { recursive: true })
  const first = buildRpms(building, { count, arches, seed: 1, source: 'alpha', version: '1.0' })
  const second = buildRpms(building, { count: Math.ceil(count / 2), arches, seed: 1, source: 'alpha', version: '2.0' })
  const third = buildRpms(building, { count: Math.ceil(count / 3), arches, seed: 2, source: 'beta', version: '20240131' })
  const key = signPackages(building, third.slice(0, Math.ceil(third.length / 4)))
  const newRoot = join(building, 'root')
  const rpm = (...args: string[]): string => run('rpm', ['--root', newRoot, '--dbpath', '/var/lib/rpm', ...args])
  const change = ['--justdb', '--nodeps', '--ignorearch', '--ignoreos', '--noscripts', '--nosignature']
  mkdirSync(join(newRoot, 'var/lib/rpm'), { recursive: true })
  rpm('--initdb')
  rpm('-i', ...change, ...first)
  rpm('--import', key)
  const installed = rpm('-qa', '--qf', '%{NAME}.%{ARCH}\\n').trimEnd().split('\n').sort()
  rpm('-e', '--justdb', '--nodeps', '--noscripts', ...installed.filter((name, i) => i % 7 === 3 && !name.startsWith('gpg-pubkey')))
  rpm('-U', ...change, '--force', ...second)
  rpm('-i', ...change, ...third)
  renameSync(newRoot, root)
  rmSync(building, { recursive: true, force: true })
  return root
}

/** Signs packages with a key made for it. @returns path of the public key */
function signPackages(folder: string, packages: readonly string[]): string {
  const home = join(folder, 'gnupg')
  const key = join(folder, 'key.asc')
  mkdirSync(home, { mode: 0o700 })
  const gpg = ['--homedir', home, '--batch', '--passphrase', '']
  run('gpg', [...gpg, '--quick-gen-key', 'snapsight@example.org', 'rsa2048', 'sign', 'never'])
  run('gpg', [...gpg, '--armor', '--output', key, '--export', 'snapsight@example.org'])
  const defines = ['_gpg_name snapsight@example.org', `_gpg_path ${home}`, '__gpg /usr/bin/gpg']
  run('rpmsign', [...defines.flatMap((define) => ['--define', define]), '--addsign', ...packages])
  run('gpgconf', ['--homedir', home, '--kill', 'all'])
  return key
}

/** What rpm lists of a database: a line for each package with the fields above, tabs between them, public keys left out; sorted. */
export function rpmQuery(dbpath: string, backend = 'sqlite'): string[] {
  const format = `${FIELDS.map((field) => `%{${field}}`).join('\\t')}\\t[%{FILENAMES}|]\\n`
  return run('rpm', ['--dbpath', dbpath, '--define', `_db_backend ${backend}`, '-qa', '--qf', format])
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('gpg-pubkey\t'))
    .map((line) => line.replace(/\t[^\t]*Key ID ([0-9a-f]{16})\t/, '\t$1\t').replaceAll('(none)', ''))
    .sort()
}

/** Headers of an SQLite database by number, as the `sqlite3` tool gives them. */
export function sqliteHeaders(path: string): Map<number, Buffer> {
  const lines = run('sqlite3', ['-readonly', path, 'SELECT hnum || " " || hex(blob) FROM Packages ORDER BY hnum']).trimEnd().split('\n')
  return new Map(lines.map((line) => [Number(line.split(' ')[0]), Buffer.from(line.split(' ')[1]!, 'hex')]))
}
