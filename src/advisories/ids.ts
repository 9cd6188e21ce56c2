import type { Advisory } from './types.js'
import { ecosystemName } from './versions/index.js'
import { compareRuns } from './versions/runs.js'

export const BULLETIN_PREFIXES: readonly string[] = ['DSA-', 'DLA-', 'DTSA-', 'ELA-', 'USN-']

/** Announcements of the other distributions: of Amazon, AlmaLinux, Rocky, Red Hat, Oracle, SUSE, Fedora, openEuler, Mageia, Photon, Chainguard. */
const OTHER_BULLETINS =
  /^(?:ALAS|AL[SBE]A-|RL[SBE]A-|RXSA-|RH[SBE]A-|ELSA-|ELBA-|ELEA-|(?:openSUSE|SUSE)-[A-Z]{2}-|FEDORA-|OESA-|MGASA-|PHSA-|CGA-|BRSA-|AZL-)/

/** Malware advisories of OSV's malicious-packages database. */
export function isMalware(id: string): boolean {
  return id.startsWith('MAL-')
}

/** The vulnerability a vendor's record is about, by its id: `CVE-2024-2961` of `DEBIAN-CVE-2024-2961`. */
export function cveOf(id: string): string | undefined {
  return /^(?:[A-Za-z]+-)?(CVE-\d{4}-\d{4,})$/.exec(id)?.[1]
}

/** Id of the record that the ecosystem's vendor keeps of a CVE: `UBUNTU-CVE-2024-6387`. */
export function vendorRecordId(ecosystem: string, cve: string): string {
  return `${ecosystemName(ecosystem).toUpperCase()}-${cve}`
}

/** A distribution's bulletin announces the fixes of several vulnerabilities at once; it is not itself one. */
export function isBulletin(id: string): boolean {
  return BULLETIN_PREFIXES.some((prefix) => id.startsWith(prefix)) || OTHER_BULLETINS.test(id)
}

/** The CVE that a record is about, where it is about one alone. */
export function onlyCve(advisory: Pick<Advisory, 'id' | 'aliases' | 'upstream'> | undefined): string | undefined {
  const own = advisory && cveOf(advisory.id)
  if (!advisory || own !== undefined) return own
  const cves = new Set([...advisory.aliases, ...advisory.upstream].flatMap((id) => cveOf(id) ?? []))
  return cves.size === 1 ? [...cves][0] : undefined
}

/** Lowest CVE of some ids. */
export function firstCve(ids: Iterable<string>): string | undefined {
  const cves = [...ids].filter((id) => /^CVE-\d/.test(id))
  return cves.sort(compareRuns)[0]
}

/** Whether the ecosystem's own vendor keeps this record, for one CVE. */
export function isVendorRecord({ id, ecosystem }: { readonly id: string; readonly ecosystem: string }): boolean {
  const cve = cveOf(id)
  return cve !== undefined && id === vendorRecordId(ecosystem, cve)
}

/**
 * Whether an ecosystem is covered vulnerability by vulnerability, by its rows of either kind. Every package of a bulletin has rows for
 * its CVEs where the vendor lists them; fewer are the remains of a release that the vendor has stopped listing.
 */
export function isCoveredByCve(vendorRows: number, bulletinRows: number): boolean {
  return vendorRows > 0 && vendorRows >= bulletinRows
}
