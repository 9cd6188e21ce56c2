import { dnsSuffixOf } from './partition.js'
import { EXCLUSION_TAG, SCAN_ID_PREFIX, SCAN_TAG } from './scan-id.js'

export interface PolicyStatement {
  readonly Sid: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly PolicyStatement[]
}

export interface PolicyOptions {
  /** `aws` by default; `aws-cn` and `aws-us-gov` name their resources otherwise. */
  readonly partition?: string
  /** Keys of further tags that scans are told to put on their snapshots. */
  readonly tagKeys?: readonly string[]
  /** Allow reading any snapshot, as `scanSnapshots` needs for those that no scan made. */
  readonly anySnapshot?: boolean
}

/**
 * The least-privilege IAM policy for scanning instances and sweeping: snapshots can be made only with a scan id of ours as their tag, and only such
 * snapshots can be read and deleted. The two Deny statements hold the exclusion tag (whatever its value) even against a caller that ignores it.
 *
 * `ec2:CreateTags` and `kms:Decrypt` are never called as such: EC2 asks for them when CreateSnapshots tags and when blocks of an encrypted snapshot
 * are read. `kms:DescribeKey` is called only where the tags of a key cannot be listed.
 */
export function iamPolicy({ partition = 'aws', tagKeys = [], anySnapshot = false }: PolicyOptions = {}): PolicyDocument {
  const ec2 = (resource: string): string => `arn:${partition}:ec2:*:*:${resource}/*`
  // The account field of a snapshot's ARN is empty.
  const snapshots = [`arn:${partition}:ec2:*::snapshot/*`]
  const keys = [`arn:${partition}:kms:*:*:key/*`]
  const ownScan = `${SCAN_ID_PREFIX}*`
  const onlyOurTags = { 'aws:TagKeys': [SCAN_TAG, ...tagKeys] }
  const statements: (PolicyStatement | false)[] = [
    {
      Sid: 'Discover',
      Effect: 'Allow',
      Action: ['ec2:DescribeInstances', 'ec2:DescribeVolumes', 'ec2:DescribeSnapshots'],
      Resource: ['*'],
    },
    { Sid: 'SnapshotSources', Effect: 'Allow', Action: ['ec2:CreateSnapshots'], Resource: [ec2('instance'), ec2('volume')] },
    {
      Sid: 'SnapshotTargets',
      Effect: 'Allow',
      Action: ['ec2:CreateSnapshots'],
      Resource: snapshots,
      Condition: { StringLike: { [`aws:RequestTag/${SCAN_TAG}`]: ownScan }, 'ForAllValues:StringEquals': onlyOurTags },
    },
    {
      Sid: 'DenyExcludedInstances',
      Effect: 'Deny',
      Action: ['ec2:CreateSnapshots'],
      Resource: [ec2('instance')],
      Condition: { Null: { [`ec2:ResourceTag/${EXCLUSION_TAG}`]: 'false' } },
    },
    {
      Sid: 'TagOnCreationOnly',
      Effect: 'Allow',
      Action: ['ec2:CreateTags'],
      Resource: snapshots,
      Condition: { StringEquals: { 'ec2:CreateAction': 'CreateSnapshots' }, 'ForAllValues:StringEquals': onlyOurTags },
    },
    {
      Sid: 'ReadOwnSnapshots',
      Effect: 'Allow',
      Action: ['ebs:ListSnapshotBlocks', 'ebs:GetSnapshotBlock'],
      Resource: snapshots,
      Condition: { StringLike: { [`aws:ResourceTag/${SCAN_TAG}`]: ownScan } },
    },
    anySnapshot && {
      Sid: 'ReadAnySnapshot',
      Effect: 'Allow',
      Action: ['ebs:ListSnapshotBlocks', 'ebs:GetSnapshotBlock'],
      Resource: snapshots,
    },
    {
      Sid: 'DeleteOwnSnapshots',
      Effect: 'Allow',
      Action: ['ec2:DeleteSnapshot'],
      Resource: snapshots,
      Condition: { StringLike: { [`ec2:ResourceTag/${SCAN_TAG}`]: ownScan } },
    },
    { Sid: 'InspectKeys', Effect: 'Allow', Action: ['kms:ListResourceTags', 'kms:DescribeKey'], Resource: keys },
    {
      Sid: 'DecryptBlocks',
      Effect: 'Allow',
      Action: ['kms:Decrypt'],
      Resource: keys,
      Condition: {
        // Keys of other accounts are left out: their tags cannot be read from here.
        StringEquals: { 'aws:ResourceAccount': `\${aws:PrincipalAccount}` },
        StringLike: { 'kms:ViaService': `ec2.*.${dnsSuffixOf(partition)}`, 'kms:EncryptionContext:aws:ebs:id': ['vol-*', 'snap-*'] },
      },
    },
    {
      Sid: 'DenyExcludedKeys',
      Effect: 'Deny',
      Action: ['kms:Decrypt'],
      Resource: keys,
      Condition: { Null: { [`aws:ResourceTag/${EXCLUSION_TAG}`]: 'false' } },
    },
  ]
  return { Version: '2012-10-17', Statement: statements.filter((statement) => statement !== false) }
}
