import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { runInstanceScan } from '../../src/aws/instance-scan.js'
import { ConfigError } from '../../src/errors.js'
import { DATA, INSTANCE, image, instance, ROOT, startAccount, stubScan } from './account.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** Modules that `entry` loads at once, imports of types left out. */
function loads(entry: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(entry)) return seen
  seen.add(entry)
  for (const [, names, from] of readFileSync(entry, 'utf8').matchAll(/^(?:import|export) (?!type\b)([^'()]*?)from '([^']+)'/gms)) {
    const onlyTypes =
      /^\{[^}]*\}\s*$/.test(names!) &&
      names!
        .replace(/[{}]/g, '')
        .split(',')
        .every((name) => /^\s*(type\s.*)?$/s.test(name))
    if (onlyTypes) continue
    if (from!.startsWith('.')) loads(join(dirname(entry), from!.replace(/\.js$/, '.ts')), seen)
    else seen.add(from!)
  }
  return seen
}

describe('clients', () => {
  it('are made from the standard settings where none are passed', async () => {
    const volumes = [
      { volumeId: ROOT, deviceName: '/dev/xvda', image: image(1), encrypted: true },
      { volumeId: DATA, deviceName: '/dev/sdf', image: image(2) },
    ]
    const { aws, actions } = await startAccount({ instances: [instance({ volumes })], region: 'us-gov-west-1' })
    for (const [name, value] of Object.entries(aws.env())) vi.stubEnv(name, value)
    const result = await runInstanceScan({ instanceId: INSTANCE }, stubScan)
    expect(result).toMatchObject({ status: 'complete', instance: { region: 'us-gov-west-1', partition: 'aws-us-gov' } })
    expect(actions()).toContain('ListResourceTags')
    expect(aws.snapshots).toEqual([])
  })

  it('without a region are refused with what to do', async () => {
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE']) vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent')
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent')
    const scan = runInstanceScan({ instanceId: INSTANCE }, stubScan)
    await expect(scan).rejects.toThrow(ConfigError)
    await expect(scan).rejects.toThrow(/set AWS_REGION/)
  })

  it.each(['src/aws/index.ts', 'src/scan-instance.ts'])('importing %s loads no SDK', (entry) => {
    const loaded = [...loads(entry)]
    expect(loaded).toContain('src/aws/instance-scan.ts')
    expect(loaded.filter((from) => /^@aws-sdk|^@smithy/.test(from))).toEqual([])
  })

  it('the modules behind the lazy imports do load it', () => {
    expect([...loads('src/aws/ec2.ts')]).toContain('@aws-sdk/client-ec2')
  })
})
