import { describe, expect, it } from 'vitest'
import { runInstanceScan } from '../../src/aws/instance-scan.js'
import { iamPolicy, type PolicyStatement } from '../../src/aws/policy.js'
import { createScanId } from '../../src/aws/scan-id.js'
import { sweepOrphans } from '../../src/aws/sweep.js'
import type { LocalAction } from '../../src/testing/index.js'
import { DATA, image, instance, KEY, ROOT, startAccount, stubScan } from './account.js'

const SERVICE: Record<LocalAction, string> = {
  DescribeInstances: 'ec2',
  DescribeVolumes: 'ec2',
  DescribeSnapshots: 'ec2',
  CreateSnapshots: 'ec2',
  CreateTags: 'ec2',
  DeleteSnapshot: 'ec2',
  ListSnapshotBlocks: 'ebs',
  ListChangedBlocks: 'ebs',
  GetSnapshotBlock: 'ebs',
  ListResourceTags: 'kms',
  DescribeKey: 'kms',
}

/** Allowed, though never called as such. */
const ASKED_FOR_BY_EC2 = ['ec2:CreateTags', 'kms:Decrypt']

const allowed = (statements: readonly PolicyStatement[]): string[] =>
  [...new Set(statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action))].sort()

describe('the IAM policy', () => {
  it('allows exactly the calls that are made', async () => {
    const volumes = [
      { volumeId: ROOT, deviceName: '/dev/xvda', image: image(1), encrypted: true, kmsKeyId: KEY },
      { volumeId: DATA, deviceName: '/dev/sdf', image: image(2), encrypted: true },
    ]
    // One denial, so that the key is described as well.
    const faults = [{ action: 'ListResourceTags', kind: 'denied', times: 1 } as const]
    const { options, clients, actions } = await startAccount({ instances: [instance({ volumes })], keys: [{ keyId: KEY }], faults })
    await runInstanceScan(options, stubScan)
    await sweepOrphans({ clients, olderThanHours: 0 })
    const called = new Set(actions().map((action) => `${SERVICE[action as LocalAction]}:${action}`))
    expect([...called, ...ASKED_FOR_BY_EC2].sort()).toEqual(allowed(iamPolicy().Statement))
  })

  it('binds creating, reading and deleting to scan ids of ours', () => {
    const statement = (sid: string): PolicyStatement => iamPolicy().Statement.find(({ Sid }) => Sid === sid)!
    const pattern = 'snapsight-*'
    expect(createScanId().startsWith(pattern.slice(0, -1))).toBe(true)
    expect(statement('SnapshotTargets').Condition).toMatchObject({ StringLike: { 'aws:RequestTag/InspectorScan': pattern } })
    expect(statement('ReadOwnSnapshots').Condition).toEqual({ StringLike: { 'aws:ResourceTag/InspectorScan': pattern } })
    expect(statement('DeleteOwnSnapshots').Condition).toEqual({ StringLike: { 'ec2:ResourceTag/InspectorScan': pattern } })
    for (const sid of ['SnapshotTargets', 'TagOnCreationOnly', 'ReadOwnSnapshots', 'DeleteOwnSnapshots']) {
      expect(statement(sid).Resource).toEqual(['arn:aws:ec2:*::snapshot/*'])
    }
  })

  it('denies by the presence of the exclusion tag, whatever its value', () => {
    const denials = iamPolicy().Statement.filter(({ Effect }) => Effect === 'Deny')
    expect(denials.map(({ Action, Condition }) => [Action, Condition])).toEqual([
      [['ec2:CreateSnapshots'], { Null: { 'ec2:ResourceTag/InspectorEc2Exclusion': 'false' } }],
      [['kms:Decrypt'], { Null: { 'aws:ResourceTag/InspectorEc2Exclusion': 'false' } }],
    ])
  })

  it('fits other partitions, further tags, and snapshots that no scan made', () => {
    const text = JSON.stringify(iamPolicy({ partition: 'aws-cn', tagKeys: ['team'] }))
    expect(text).not.toContain('arn:aws:')
    expect(text).toContain('ec2.*.amazonaws.com.cn')
    expect(text).toContain('"aws:TagKeys":["InspectorScan","team"]')
    const sids = iamPolicy({ anySnapshot: true }).Statement.map(({ Sid }) => Sid)
    expect(sids).toContain('ReadAnySnapshot')
    expect(new Set(sids).size).toBe(sids.length)
    expect(sids.every((sid) => /^[A-Za-z0-9]+$/.test(sid))).toBe(true)
  })
})
