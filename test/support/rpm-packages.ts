import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './image.js'
import { Random } from './random.js'

/** Packages to build: `count` for each architecture, at one version. */
export interface RpmBatch {
  readonly count: number
  readonly arches: readonly string[]
  readonly seed: number
  /** Name of the source package, and part of the names of all packages in it. */
  readonly source: string
  readonly version: string
}

const RELEASES = ['1', '1.el9', '12.el9_4.1', '3.amzn2023.0.2', '1.module_el9.3.0+1+abc', '0.rc1.fc39']
const LICENSES = ['MIT', 'GPL-2.0-or-later', 'GPLv2+ and LGPLv2+', 'ASL 2.0', 'BSD-3-Clause AND (MIT OR Zlib)']
const VENDORS = ['', 'Example Corp.', 'Überseeische Pakete GmbH & Co. KG', '例示株式会社', 'SUSE LLC <https://www.suse.com/>']
const STREAM = 'nodejs:18:9030020240301:rhel9'

/** A spec file whose packages differ in epoch, release, licence, vendor, module, files, and length of their descriptions. */
function specOf({ count, seed, source, version }: RpmBatch, arch: string): string {
  const random = new Random(seed)
  const head = [
    `Name: ${source}`,
    `Version: ${version}`,
    'Release: 1',
    'Summary: s',
    'License: MIT',
    'AutoReqProv: no',
    '%description',
    'd',
  ]
  const bodies: string[] = []
  const install: string[] = ['%install']
  for (let i = 0; i < count; i++) {
    const name = `${source}-${random.below(3) === 0 ? 'lib' : 'tool'}${i}${arch === 'noarch' ? '-data' : ''}`
    const epoch = random.below(4) === 0 ? [`Epoch: ${random.pick([0, 1, 2, 32])}`] : []
    const vendor = random.pick(VENDORS)
    const folder = `/usr/share/${name}`
    const files = Array.from({ length: random.below(12) }, (_, n) => `${folder}/${random.below(2) === 0 ? 'sub dir/' : ''}f${n}`)
    for (const file of files) install.push(`mkdir -p "$(dirname "%{buildroot}${file}")"; echo ${name} > "%{buildroot}${file}"`)
    bodies.push(
      `%package -n ${name}`,
      ...epoch,
      `Version: ${random.pick([version, `${version}~rc${i}`, `${version}^git${i}`])}`,
      `Release: ${random.pick(RELEASES)}`,
      `Summary: ${random.pick(['plain', 'mit Umlauten: äöü ß', '日本語の要約', 'emoji 🦉 and “quotes”'])}`,
      'Summary(de): Zusammenfassung',
      `License: ${random.pick(LICENSES)}`,
      ...(vendor ? [`Vendor: ${vendor}`] : []),
      ...(random.below(3) === 0 ? ['Packager: Jane Doe <jane@example.org>'] : []),
      ...(random.below(6) === 0 ? [`ModularityLabel: ${STREAM}`] : []),
      ...(arch === 'noarch' ? ['BuildArch: noarch'] : []),
      `%description -n ${name}`,
      'A line of the description, not a short one.\n'.repeat(random.pick([1, 3, 40, i % 50 === 49 ? 3_000 : 100])),
      `%files -n ${name}`,
      ...files.map((file) => `"${file}"`),
    )
  }
  return `${[...head, ...bodies, ...install].join('\n')}\n`
}

/** Builds the batch below `folder`. @returns the paths of the packages, in the order of their names */
export function buildRpms(folder: string, batch: RpmBatch): string[] {
  const paths: string[] = []
  for (const arch of batch.arches) {
    const top = join(folder, `${batch.source}-${batch.version}-${arch}`)
    mkdirSync(top, { recursive: true })
    writeFileSync(join(top, 'batch.spec'), specOf(batch, arch))
    const defines = {
      _topdir: top,
      _buildhost: 'build.example.org',
      _binary_payload: 'w1.gzdio',
      debug_package: '%{nil}',
      __os_install_post: '%{nil}',
    }
    const target = arch === 'noarch' ? [] : ['--target', arch]
    run('rpmbuild', ['-bb', '--quiet', ...target, ...definesOf(defines), join(top, 'batch.spec')])
    const rpms = readdirSync(join(top, 'RPMS'), { recursive: true }) as string[]
    paths.push(...rpms.filter((name) => name.endsWith('.rpm')).map((name) => join(top, 'RPMS', name)))
  }
  return paths.sort()
}

function definesOf(defines: Readonly<Record<string, string>>): string[] {
  return Object.entries(defines).flatMap(([name, value]) => ['--define', `${name} ${value}`])
}
