import { describe, expect, it } from 'vitest'
import { checkScanId, createScanId, describeScan, isOwnSnapshot, SCAN_ID_PREFIX, scanIdFor } from '../../src/aws/scan-id.js'
import { ConfigError } from '../../src/errors.js'

describe('scan ids', () => {
  it('never repeat, and tell when the scan began', () => {
    const now = Date.UTC(2026, 10, 23)
    const ids = new Set(Array.from({ length: 1000 }, () => createScanId(now)))
    expect(ids.size).toBe(1000)
    for (const id of ids) {
      expect(checkScanId(id)).toBe(id)
      expect(Number.parseInt(id.split('-')[1]!, 36)).toBe(now / 1000)
    }
  })

  it('are the same for the same request only', () => {
    expect(scanIdFor('a')).toBe(scanIdFor('a'))
    expect(scanIdFor('a')).not.toBe(scanIdFor('b'))
    expect(checkScanId(scanIdFor('a'))).toMatch(/^snapsight-0-[0-9a-f]{16}$/)
  })

  it.each([
    '',
    'snapsight-',
    'snapsight-abc',
    'snapsight-1-0123',
    `x${scanIdFor('a')}`,
    `${scanIdFor('a')}0`,
    scanIdFor('a').toUpperCase(),
    `${scanIdFor('a')}\n`,
  ])('take no other shape: %j', (id) => {
    expect(() => checkScanId(id)).toThrow(ConfigError)
  })

  it('know a snapshot of ours by its tag and its description together', () => {
    const scanId = createScanId()
    const own = { tags: { InspectorScan: scanId }, description: describeScan(scanId, 'nightly') }
    expect(isOwnSnapshot(own)).toBe(true)
    expect(isOwnSnapshot({ ...own, description: describeScan(scanId) })).toBe(true)
    expect(isOwnSnapshot({ ...own, description: 'nightly' })).toBe(false)
    expect(isOwnSnapshot({ ...own, description: describeScan(createScanId()) })).toBe(false)
    expect(isOwnSnapshot({ ...own, tags: {} })).toBe(false)
    expect(isOwnSnapshot({ ...own, tags: { inspectorscan: scanId } })).toBe(false)
    expect(isOwnSnapshot({ ...own, tags: { InspectorScan: `${SCAN_ID_PREFIX}prod` } })).toBe(false)
  })
})
