import { describe, expect, it } from 'vitest'
import { jsonReport } from '../../src/report/json.js'
import { instanceResultOf, packageOf, resultOf } from './result.js'

describe('jsonReport', () => {
  it('is the result itself, indented or on one line', () => {
    const result = resultOf()
    expect(JSON.parse(jsonReport(result))).toEqual(result)
    const line = jsonReport(result, { compact: true })
    expect(JSON.parse(line)).toEqual(result)
    expect(line.indexOf('\n')).toBe(line.length - 1)
  })

  it('has its keys in one order, however the result was put together', () => {
    const { schemaVersion, scanner, ...rest } = instanceResultOf()
    const shuffled = { ...Object.fromEntries(Object.entries(rest).reverse()), scanner, schemaVersion } as typeof rest & {
      schemaVersion: 1
      scanner: typeof scanner
    }
    expect(Object.keys(JSON.parse(jsonReport(shuffled)))).toEqual([
      ...['schemaVersion', 'scanner', 'startedAt', 'finishedAt', 'status', 'systems', 'volumes', 'catalogers', 'packages', 'findings'],
      ...['issues', 'database', 'stats', 'snapshots', 'instance'],
    ])
  })

  it('holds no lone surrogate, which no JSON reader could take', () => {
    const text = jsonReport(resultOf({ packages: [packageOf('a', '1', { path: '/caf\udce9/status' })] }))
    expect(text).toContain('/caf\ufffd/status')
    expect(text).not.toMatch(/\\ud[cd]/i)
  })
})
