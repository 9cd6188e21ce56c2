import { unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LiveRow } from '../support/ext-live.js'
import { run, withMount } from '../support/image.js'

/** A journal in many pieces: made when what is free lies scattered. */
async function scatterJournal(image: string): Promise<void> {
  await withMount(image, 'ext4', [], (root) => {
    const paths = Array.from({ length: 1500 }, (_, i) => join(root, `fill${i}`))
    for (const path of paths) writeFileSync(path, Buffer.alloc(12_000, 7))
    run('sync', ['-f', root])
    for (let i = 0; i < paths.length; i++) if (i % 3 !== 0) unlinkSync(paths[i]!)
  })
  run('tune2fs', ['-J', 'size=4', image])
}

export const LIVE_ROWS: readonly LiveRow[] = [
  { name: 'ordered, 4 KiB', size: '48M', make: '-t ext4 -b 4096' },
  { name: 'ordered, 1 KiB', size: '32M', make: '-t ext4 -b 1024' },
  { name: 'writeback', size: '32M', make: '-t ext4 -b 1024', mount: 'data=writeback' },
  { name: 'data=journal, 4 KiB', size: '64M', make: '-t ext4 -b 4096', mount: 'data=journal' },
  { name: 'data=journal, 1 KiB, a log that goes round', size: '32M', make: '-t ext4 -b 1024 -J size=1', mount: 'data=journal' },
  { name: 'no checksums', size: '32M', make: '-t ext4 -b 1024 -O ^metadata_csum' },
  { name: 'checksums v1', size: '32M', make: '-t ext4 -b 4096 -O ^metadata_csum', mount: 'journal_checksum' },
  {
    name: 'checksums v1, asynchronous',
    size: '32M',
    make: '-t ext4 -b 1024 -O ^metadata_csum',
    mount: 'journal_async_commit,data=writeback',
  },
  { name: 'checksums v3, asynchronous', size: '32M', make: '-t ext4 -b 4096', mount: 'journal_async_commit,data=journal' },
  { name: '32 bit', size: '32M', make: '-t ext4 -b 1024 -O ^64bit' },
  { name: '32 bit, no checksums', size: '32M', make: '-t ext4 -b 4096 -O ^64bit,^metadata_csum' },
  { name: 'ext3', size: '32M', make: '-t ext3 -b 1024' },
  { name: 'ext3, data=journal', size: '32M', make: '-t ext3 -b 4096', mount: 'data=journal' },
  { name: 'a log that goes round, 1 KiB', size: '32M', make: '-t ext4 -b 1024 -J size=1' },
  { name: 'a log that goes round, 4 KiB', size: '48M', make: '-t ext4 -b 4096 -J size=4' },
  { name: 'a log that goes round, ext3', size: '32M', make: '-t ext3 -b 1024 -J size=1', mount: 'commit=1' },
  { name: 'a file of orphans', size: '32M', make: '-t ext4 -b 1024 -O orphan_file' },
  { name: 'inline data', size: '32M', make: '-t ext4 -b 1024 -O inline_data -I 256' },
  { name: 'bigalloc', size: '64M', make: '-t ext4 -b 1024 -O bigalloc -C 8192' },
  { name: 'a journal in many pieces', size: '32M', make: '-t ext4 -b 1024 -O ^has_journal', prepare: scatterJournal },
  { name: 'fast commits, 4 KiB', size: '48M', make: '-t ext4 -b 4096 -O fast_commit', fastCommits: true },
  { name: 'fast commits, 1 KiB', size: '32M', make: '-t ext4 -b 1024 -O fast_commit', fastCommits: true },
  { name: 'fast commits, no checksums', size: '32M', make: '-t ext4 -b 1024 -O fast_commit,^metadata_csum', fastCommits: true },
]
