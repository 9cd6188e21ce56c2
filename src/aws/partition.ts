// docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
const PARTITIONS: readonly { readonly name: string; readonly regionPrefix: string; readonly dnsSuffix: string }[] = [
  { name: 'aws-cn', regionPrefix: 'cn-', dnsSuffix: 'amazonaws.com.cn' },
  { name: 'aws-us-gov', regionPrefix: 'us-gov-', dnsSuffix: 'amazonaws.com' },
  { name: 'aws-eusc', regionPrefix: 'eusc-', dnsSuffix: 'amazonaws.eu' },
]

/** The partition of a region, as ARNs name it. */
export function partitionOf(region: string): string {
  return PARTITIONS.find(({ regionPrefix }) => region.startsWith(regionPrefix))?.name ?? 'aws'
}

/** What the host names of a partition's services end in. */
export function dnsSuffixOf(partition: string): string {
  return PARTITIONS.find(({ name }) => name === partition)?.dnsSuffix ?? 'amazonaws.com'
}
