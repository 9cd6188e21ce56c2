import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { VERSION } from '../src/index.js'

// What is published, so that it cannot grow by accident: values by name (types are held by the compiler).
const SURFACE: Record<string, readonly string[]> = {
  '../src/index.js': [
    'AwsError',
    'ConfigError',
    'CorruptError',
    'IoError',
    'LeftoverError',
    'LimitError',
    'ParseError',
    'PathError',
    'ScanError',
    'UnsupportedError',
    'VERSION',
    'defaultDatabasePath',
    'iamPolicy',
    'messageOf',
    'openImages',
    'openMachine',
    'openStore',
    'scanIdFor',
    'scanImages',
    'scanInstance',
    'scanSnapshots',
    'scanVolumes',
    'sweepOrphans',
  ],
  '../src/fs/index.js': [
    'BlockReader',
    'FileSource',
    'SliceReader',
    'Tree',
    'TreeView',
    'decodeName',
    'displayName',
    'drivers',
    'encodeName',
    'isUtf8Name',
    'isWithin',
    'mountFileSystem',
    'probeContents',
    'readDisk',
    'readFiles',
    'underPath',
  ],
  '../src/catalogers/index.js': ['catalogers'],
  '../src/advisories/index.js': [
    'OSV_BUCKET',
    'advisorySourceFor',
    'buildDatabase',
    'compareDeb',
    'databaseInfo',
    'defaultDatabasePath',
    'isDebVersion',
    'matchPackages',
    'memoryStore',
    'openStore',
    'parseOsv',
    'updateDatabase',
  ],
  '../src/aws/index.js': [
    'EXCLUSION_TAG',
    'EbsError',
    'EbsPool',
    'INSPECTOR_LIMITS',
    'LeftoverError',
    'SCAN_ID_PREFIX',
    'SCAN_TAG',
    'createEbsPool',
    'createScanId',
    'iamPolicy',
    'runInstanceScan',
    'runSnapshotScan',
    'scanIdFor',
    'sweepOrphans',
  ],
  '../src/lambda.js': ['createHandler', 'handler'],
  '../src/testing/index.js': ['SnapshotFixture', 'packSnapshot', 'startLocalAws'],
}

describe('the public surface', () => {
  it.each(Object.entries(SURFACE))('%s', async (path, names) => {
    expect(Object.keys((await import(path)) as object).sort()).toEqual(names)
  })

  it('has the version of package.json', () => {
    expect(VERSION).toBe((JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version)
  })
})
