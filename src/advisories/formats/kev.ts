import { fieldsOf } from '../osv-values.js'
import { type JsonFormat, type Outcome, rejected } from './types.js'

const CVE = /^CVE-\d{4}-\d{4,}$/
const DAY = /^\d{4}-\d\d-\d\d$/

/**
 * CISA's catalogue of known exploited vulnerabilities.
 *
 * https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities_schema.json
 */
export const kev: JsonFormat = {
  recognises: (value) => typeof value.catalogVersion === 'string' && Array.isArray(value.vulnerabilities),
  *read({ vulnerabilities }): Iterable<Outcome> {
    for (const item of vulnerabilities as unknown[]) {
      const { cveID, dateAdded, dueDate, knownRansomwareCampaignUse } = fieldsOf(item) ?? {}
      if (typeof cveID !== 'string' || !CVE.test(cveID)) yield rejected('entry without a CVE')
      else if (typeof dateAdded !== 'string' || !DAY.test(dateAdded)) yield rejected('entry without a date', cveID)
      else {
        const due = typeof dueDate === 'string' && DAY.test(dueDate) ? { dueDate } : {}
        const ransomware = knownRansomwareCampaignUse === 'Known' ? { ransomware: true } : {}
        yield { kind: 'exploited', cve: cveID, exploited: { since: dateAdded, ...due, ...ransomware } }
      }
    }
  },
}
