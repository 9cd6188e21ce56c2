// Scans an instance in a local AWS endpoint the way a user would: the built command, the real SDK, HTTP. Nothing outside this machine is asked.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2'
import type { InstanceScanResult } from '../src/index.js'
import { SnapshotFixture, startLocalAws } from '../src/testing/index.js'

// The SDK's notice about Node versions is for who maintains this, not for who looks at the demo.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

const INSTANCE = 'i-0de000000000000a1'
const FIXTURES = 'fixtures/snapshots/demo'

const aws = await startLocalAws({
  latencyMs: 20,
  snapshotMs: 1500,
  instances: [
    {
      instanceId: INSTANCE,
      tags: { Name: 'demo' },
      volumes: [
        { volumeId: 'vol-0de000000000000a1', deviceName: '/dev/xvda', image: await SnapshotFixture.load(`${FIXTURES}/root.snap.gz`) },
        { volumeId: 'vol-0de000000000000a2', deviceName: '/dev/xvdf', image: await SnapshotFixture.load(`${FIXTURES}/var.snap.gz`) },
      ],
    },
  ],
})
const work = await mkdtemp(join(tmpdir(), 'snapsight-demo-'))
try {
  await demo(join(work, 'advisories.db'), join(work, 'result.json'))
} finally {
  await aws.close()
  await rm(work, { recursive: true })
}

async function demo(database: string, output: string): Promise<void> {
  console.log('A local AWS endpoint with one instance: Debian 12, its root on a GPT disk, /var on a second volume.\n')
  await snapsight(
    'db',
    'build',
    '--db',
    database,
    '--from',
    'fixtures/advisories/debian-12',
    'fixtures/advisories/debian-12-changelogs.jsonl',
  )
  await snapsight('instance', INSTANCE, '--db', database)
  await snapsight('instance', INSTANCE, '--db', database, '--json', '--output', output)

  const result = JSON.parse(await readFile(output, 'utf8')) as InstanceScanResult
  const expected = (await readFile(`${FIXTURES}/packages.tsv`, 'utf8')).trim().split('\n')
  const found = result.packages.map((pkg) => [pkg.name, pkg.version, pkg.arch, pkg.source, pkg.sourceVersion].join('\t'))
  const { Snapshots: left } = await new EC2Client(aws.clientConfig()).send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))
  console.log(`dpkg-query listed ${expected.length} packages when the images were made; the scan found ${found.length}.`)
  console.log(`Snapshots made: ${result.snapshots.created.length}. Snapshots left in the account: ${left?.length}.`)
  const isSame = expected.length === found.length && expected.every((line) => found.includes(line))
  if (!isSame || left?.length !== 0 || result.status !== 'complete') {
    console.error('The demo did not go as it should have.')
    process.exitCode = 1
  }
}

/** Runs the built command in front of the user. */
async function snapsight(...args: string[]): Promise<void> {
  console.log(`$ snapsight ${args.join(' ')}`)
  const child = spawn(process.execPath, ['dist/cli/main.js', ...args], { stdio: 'inherit', env: { ...process.env, ...aws.env() } })
  const status = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve))
  if (status !== 0) throw new Error(`snapsight ended with status ${status}`)
  console.log()
}
