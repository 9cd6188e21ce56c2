import type { Finding, Package } from '../model.js'
import { clip, locationText } from './text.js'

/** https://docs.aws.amazon.com/inspector/v2/APIReference/API_VulnerablePackage.html */
export interface VulnerablePackage {
  readonly name: string
  readonly version: string
  readonly epoch?: number
  readonly release?: string
  readonly arch?: string
  readonly packageManager?: 'OS'
  /** Volume, partition and path, `vol-1:1/var/lib/dpkg/status`. */
  readonly filePath: string
  /** With its epoch, `0:2.36-9+deb12u7`. */
  readonly fixedInVersion?: string
  /** The command that upgrades it. */
  readonly remediation?: string
}

const OS_TYPES: readonly Package['type'][] = ['deb', 'rpm', 'apk']
const MAX_TEXT = 1024
const MAX_ARCH = 64
/** Inspector names architectures as the kernel does, in capitals. */
const ARCHITECTURES: Readonly<Record<string, string>> = { amd64: 'X86_64', arm64: 'AARCH64' }

export function inspectorPackage(finding: Finding): VulnerablePackage {
  const { type, name, version, arch, evidence } = finding.package
  const isOs = OS_TYPES.includes(type)
  const fixed = finding.fixedVersion
  return {
    name: clip(name, MAX_TEXT),
    ...(isOs ? splitVersion(version) : { version: clip(version, MAX_TEXT) }),
    ...(arch === undefined ? {} : { arch: clip(ARCHITECTURES[arch] ?? arch.toUpperCase(), MAX_ARCH) }),
    ...(isOs ? { packageManager: 'OS' as const } : {}),
    filePath: clip(locationText(evidence), MAX_TEXT),
    ...(fixed === undefined ? {} : { fixedInVersion: clip(isOs && !/^\d+:/.test(fixed) ? `0:${fixed}` : fixed, MAX_TEXT) }),
    ...(fixed !== undefined && type === 'deb' ? { remediation: upgradeCommand(finding) } : {}),
  }
}

/** `epoch:version-release`, the release after the last hyphen. */
function splitVersion(full: string): Pick<VulnerablePackage, 'version' | 'epoch' | 'release'> {
  const [, epoch = '0', version = '', release] = /^(?:(\d{1,9}):)?(.*?)(?:-([^-]*))?$/s.exec(full) ?? []
  return { version: clip(version, MAX_TEXT), epoch: Number(epoch), ...(release ? { release: clip(release, MAX_TEXT) } : {}) }
}

function upgradeCommand(finding: Finding): string {
  const upgrade = `apt-get update && apt-get install --only-upgrade ${finding.package.name}`
  return finding.state === 'needs-pro' ? `pro attach && ${upgrade}` : upgrade
}
