import type { Finding, InstanceScanResult, Issue, PartitionCoverage, ScanResult, Severity, VolumeCoverage } from '../model.js'
import { type Paint, painter } from './colors.js'
import { discontinuedSystems } from './discontinued.js'
import { grid } from './grid.js'
import { SEVERITIES, SEVERITY_COLORS } from './severity.js'
import { bytesText, countText, locationText, printable } from './text.js'
import type { Report } from './types.js'

const STALE_HOURS = 48

/** For people: systems, findings by severity, what was read and what was not, totals. */
export const tableReport: Report = (result, options = {}) => {
  const paint = painter(options.color ?? false)
  const sections = [
    instanceSection(result),
    systemsSection(result),
    findingsSection(result, paint, options.columns),
    coverageSection(result, paint, options.columns),
    issuesSection(result.issues, paint),
    snapshotsSection(result, paint),
    databaseSection(result, paint, options.now ?? new Date()),
    totals(result, paint),
  ]
  return sections.filter((section) => section !== '').join('\n')
}

function instanceSection(result: ScanResult | InstanceScanResult): string {
  if (!('instance' in result)) return ''
  const { instanceId, region, reason, detail } = result.instance
  return `Instance ${instanceId} in ${region}: ${reason}${detail ? ` (${printable(detail)})` : ''}\n`
}

function systemsSection(result: ScanResult): string {
  if (result.systems.length === 0) return 'No operating system was found.\n'
  const rows = result.systems.map(({ id, os, root, bootKernel }) => [
    printable(id),
    printable(os.prettyName ?? os.name),
    locationText(root),
    countText(result.packages.filter((pkg) => pkg.system === id).length, 'package'),
    bootKernel ? `boots ${printable(bootKernel.release)}` : '',
  ])
  return `Systems\n${grid(rows)}`
}

function findingsSection(result: ScanResult, paint: Paint, columns: number | undefined): string {
  const discontinued = discontinuedSystems(result).map(({ title, severity, os, since, where }) => [
    title,
    paint(SEVERITY_COLORS[severity], severity),
    '',
    os.prettyName ?? os.name,
    os.versionId ?? '',
    `none since ${since}`,
    locationText(where),
  ])
  if (result.findings.length + discontinued.length === 0) return result.database ? 'No vulnerable packages were found.\n' : ''
  const rows = [
    ...discontinued,
    ...[...result.findings]
      .sort(bySeverity)
      .map((finding) => [
        finding.vulnerability,
        paint(SEVERITY_COLORS[finding.severity], finding.severity),
        exploitText(finding),
        finding.package.bootKernel ? `${finding.package.name} (boots)` : finding.package.name,
        finding.package.version,
        finding.state === 'mitigated-by-livepatch' ? finding.state : (finding.fixedVersion ?? finding.state),
        locationText(finding.package.evidence),
      ]),
  ]
  const head = ['VULNERABILITY', 'SEVERITY', 'EXPLOITED', 'PACKAGE', 'INSTALLED', 'FIXED', 'WHERE']
  const isShown = (_: string, column: number): boolean => head[column] !== 'EXPLOITED' || rows.some((row) => row[column] !== '')
  return `Findings\n${grid(
    rows.map((row) => row.filter(isShown).map(printableCell)),
    { head: head.filter(isShown), columns },
  )}`
}

/** Whether it is known to be exploited, and how likely that is within 30 days. */
function exploitText({ exploited, epss }: Finding): string {
  const likely = epss && `${(epss.probability * 100).toFixed(1)}%`
  return [exploited && 'known', likely].filter((part) => part !== undefined).join(', ')
}

/** Colour is put on after names were made safe, so only cells without it are touched. */
function printableCell(cell: string): string {
  return cell.startsWith('\u001b[') ? cell : printable(cell)
}

function bySeverity(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    b.vulnerability.localeCompare(a.vulnerability, 'en', { numeric: true }) ||
    a.package.name.localeCompare(b.package.name, 'en') ||
    locationText(a.package.evidence).localeCompare(locationText(b.package.evidence), 'en')
  )
}

function coverageSection(result: ScanResult, paint: Paint, columns: number | undefined): string {
  const rows = result.volumes.flatMap((volume) => [volumeRow(volume, paint), ...volume.partitions.map((part) => partitionRow(part, paint))])
  return rows.length === 0 ? '' : `Coverage\n${grid(rows, { columns })}`
}

function volumeRow(volume: VolumeCoverage, paint: Paint): string[] {
  const from = [volume.device, volume.snapshot].filter((part) => part !== undefined).join(' ')
  return [printable(volume.volume), printable(from), bytesText(volume.sizeBytes), '', outcomeText(volume, paint)]
}

function partitionRow(partition: PartitionCoverage, paint: Paint): string[] {
  const { filesystem } = partition
  const place = filesystem ? (filesystem.mountedAt ?? 'not mounted') : ''
  const name = partition.partition === undefined ? 'whole disk' : `partition ${partition.partition}`
  return [`  ${name}`, printable(partition.contents), bytesText(partition.sizeBytes), printable(place), outcomeText(partition, paint)]
}

function outcomeText(covered: VolumeCoverage | PartitionCoverage, paint: Paint): string {
  const { outcome, reason } = covered
  const filesystem = 'filesystem' in covered ? covered.filesystem : undefined
  const notes = [
    reason && printable(reason),
    filesystem && countText(filesystem.entries, 'entry', 'entries'),
    filesystem?.unreadableEntries ? `${filesystem.unreadableEntries.toLocaleString('en-US')} of them unreadable` : undefined,
    filesystem?.journal === 'dirty' ? 'journal not applied' : undefined,
  ].filter((note) => note)
  const word =
    outcome === 'read' || outcome === 'ignored'
      ? outcome
      : paint('red', outcome === 'failed' ? 'NOT READ (failed)' : 'NOT READ (unsupported)')
  return notes.length === 0 ? word : `${word}: ${notes.join(', ')}`
}

function issuesSection(issues: readonly Issue[], paint: Paint): string {
  if (issues.length === 0) return ''
  const lines = issues.map((issue) => {
    const where = locationText(issue.where)
    const mark = issue.incomplete ? paint('red', 'incomplete') : 'note'
    return `  ${mark}: ${where ? `${where}: ` : ''}${printable(issue.message)}\n`
  })
  return `Issues\n${lines.join('')}`
}

function snapshotsSection(result: ScanResult | InstanceScanResult, paint: Paint): string {
  if (!('snapshots' in result)) return ''
  const { scanId, leftover, unverified } = result.snapshots
  const lines = leftover.map(({ snapshotId, reason }) => `  ${snapshotId}: ${printable(reason)}\n`)
  if (unverified) lines.push(`  it could not be verified that none is left: ${printable(unverified)}\n`)
  return lines.length === 0
    ? ''
    : `${paint('red', `Snapshots left in the account (tag InspectorScan=${scanId}); delete them with: snapsight sweep`)}\n${lines.join('')}`
}

function databaseSection(result: ScanResult, paint: Paint, now: Date): string {
  if (!result.database) return 'No advisory database: packages were listed, not matched.\n'
  const hours = (now.getTime() - Date.parse(result.database.built)) / 3_600_000
  const days = Math.floor(hours / 24)
  if (!(hours > STALE_HOURS)) return `Advisory database built ${result.database.built}.\n`
  return `${paint('yellow', `Advisory database is ${countText(days, 'day')} old (built ${result.database.built}); renew it with: snapsight db update`)}\n`
}

function totals(result: ScanResult, paint: Paint): string {
  const counts = new Map<Severity, number>()
  const rated = [...discontinuedSystems(result), ...result.findings]
  for (const { severity } of rated) counts.set(severity, (counts.get(severity) ?? 0) + 1)
  const bySeverityText = SEVERITIES.filter((severity) => counts.has(severity)).map((severity) => `${counts.get(severity)} ${severity}`)
  const { stats } = result
  const cost = stats.requests > 0 ? `, ${countText(stats.requests + stats.listRequests, 'request')}, $${stats.usd.toFixed(4)}` : ''
  return (
    `${countText(result.packages.length, 'package')}, ${countText(rated.length, 'finding')}` +
    `${bySeverityText.length > 0 ? ` (${bySeverityText.join(', ')})` : ''}\n` +
    `${bytesText(stats.bytes)} in ${countText(stats.blocks, 'block')} read in ${(stats.milliseconds / 1000).toFixed(1)} s${cost}\n` +
    `Status: ${statusText(result, paint)}\n`
  )
}

function statusText({ status, volumes }: ScanResult, paint: Paint): string {
  if (!volumes.some((volume) => volume.partitions.some((partition) => partition.filesystem))) return paint('red', 'NOTHING was read')
  if (status === 'complete') return paint('green', 'complete')
  return paint('red', 'INCOMPLETE: something that may hold packages was not read, see above')
}
