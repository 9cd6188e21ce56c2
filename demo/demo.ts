// Scans two instances in a local AWS endpoint the way a user would: the built command, the real SDK, HTTP. Nothing outside this machine is asked.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2'
import type { InstanceScanResult, Package } from '../src/index.js'
import { type LocalInstance, SnapshotFixture, startLocalAws } from '../src/testing/index.js'

// The SDK's notice about Node versions is for who maintains this, not for who looks at the demo.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

const FIXTURES = 'fixtures/snapshots/demo'
const ADVISORIES = ['debian-12', 'debian-12-changelogs.jsonl', 'amazon-2023'].map((name) => `fixtures/advisories/${name}`)

interface DemoInstance {
  readonly instanceId: string
  readonly what: string
  /** Fixture by device name. */
  readonly volumes: Readonly<Record<string, string>>
  /** File with what the package manager listed when the images were made, and its name. */
  readonly listedBy: string
  readonly list: string
  /** A package as a line of that file begins. */
  line(pkg: Package): string
}

const INSTANCES: readonly DemoInstance[] = [
  {
    instanceId: 'i-0de00000000000a10',
    what: 'Amazon Linux 2023: root on XFS',
    volumes: { '/dev/xvda': 'amazon' },
    listedBy: 'rpm',
    list: 'amazon-packages.tsv',
    line: ({ name, version, arch }) => {
      const [, epoch = '(none)', upstream, release] = /^(?:(\d+):)?(.*)-([^-]*)$/.exec(version) ?? []
      return [name, epoch, upstream, release, arch].join('\t')
    },
  },
  {
    instanceId: 'i-0de00000000000b20',
    what: 'Debian 12: root on a GPT disk, /var on a second volume',
    volumes: { '/dev/xvda': 'root', '/dev/xvdf': 'var' },
    listedBy: 'dpkg-query',
    list: 'packages.tsv',
    line: (pkg) => [pkg.name, pkg.version, pkg.arch, pkg.source, pkg.sourceVersion].join('\t'),
  },
]

const aws = await startLocalAws({ latencyMs: 20, snapshotMs: 1500, instances: await Promise.all(INSTANCES.map(localInstance)) })
const work = await mkdtemp(join(tmpdir(), 'snapsight-demo-'))
try {
  const database = join(work, 'advisories.db')
  console.log('A local AWS endpoint with two instances.\n')
  await snapsight('db', 'build', '--db', database, '--from', ...ADVISORIES)
  for (const instance of INSTANCES) await show(instance, database, join(work, `${instance.instanceId}.json`))
  const { Snapshots: left = [] } = await new EC2Client(aws.clientConfig()).send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))
  console.log(`Snapshots left in the account: ${left.length}.`)
  check(left.length === 0)
} finally {
  await aws.close()
  await rm(work, { recursive: true })
}

async function localInstance({ instanceId, volumes }: DemoInstance): Promise<LocalInstance> {
  const attached = Object.entries(volumes).map(async ([deviceName, fixture], n) => ({
    volumeId: `vol-${instanceId.slice(2, -1)}${n}`,
    deviceName,
    image: await SnapshotFixture.load(`${FIXTURES}/${fixture}.snap.gz`),
  }))
  return { instanceId, volumes: await Promise.all(attached) }
}

/** Scans an instance twice: for people to read, and to hold its packages against what its package manager listed. */
async function show({ instanceId, what, listedBy, list, line }: DemoInstance, database: string, output: string): Promise<void> {
  console.log(`# ${what}`)
  await snapsight('instance', instanceId, '--db', database)
  await snapsight('instance', instanceId, '--db', database, '--json', '--output', output)
  const { packages, snapshots, status } = JSON.parse(await readFile(output, 'utf8')) as InstanceScanResult
  const expected = (await readFile(`${FIXTURES}/${list}`, 'utf8')).trim().split('\n')
  console.log(`${listedBy} listed ${expected.length} packages when the disks were made; the scan found ${packages.length}.`)
  console.log(`Snapshots made: ${snapshots.created.length}, deleted: ${snapshots.deleted.length}.\n`)
  const found = packages.map(line)
  check(
    status === 'complete' && found.length === expected.length && found.every((text) => expected.some((entry) => entry.startsWith(text))),
  )
}

function check(isAsItShouldBe: boolean): void {
  if (isAsItShouldBe) return
  console.error('The demo did not go as it should have.')
  process.exitCode = 1
}

/** Runs the built command in front of the user. */
async function snapsight(...args: string[]): Promise<void> {
  console.log(`$ snapsight ${args.join(' ')}`)
  const child = spawn(process.execPath, ['dist/cli/main.js', ...args], { stdio: 'inherit', env: { ...process.env, ...aws.env() } })
  const status = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve))
  if (status !== 0) throw new Error(`snapsight ended with status ${status}`)
  console.log()
}
