import * as fill from '../support/recipes.js'
import * as data from '../support/recipes-data.js'
import * as xfs from '../support/recipes-xfs.js'
import { M } from '../support/units.js'
import type { XfsRow } from '../support/xfs-image.js'
import { SOME } from './xfs-fills.js'

const FORMS = [1, 2, 5, 10, 15, 20, 30, 40, 60, 120, 250, 500, 1000, 2500]

export const DIRECTORIES: readonly XfsRow[] = [
  ...['-b size=1024', '-b size=4096', '-b size=1024 -n size=4096'].map((make) => ({
    name: `every form, ${make}`,
    size: '320M',
    make,
    fill: [xfs.everyForm(FORMS)],
  })),
  { name: 'every form, inodes of 2048', size: '320M', make: '-i size=2048', fill: [xfs.everyForm(FORMS, 12)] },
  { name: 'every form, names of 255 bytes', size: '320M', make: '-b size=1024', fill: [xfs.everyForm(FORMS, 255)] },
  { name: '60,000 entries', size: '320M', make: '-b size=1024', fill: [fill.manyFiles(60_000)] },
  { name: '60,000 entries, most deleted', size: '320M', make: '-b size=1024', fill: [fill.manyFiles(60_000, { keep: 50 })] },
  {
    name: '100,000 long names of few files, two levels of hash nodes',
    size: '500M',
    make: '-b size=1024',
    fill: [fill.manyNames(100_000, 250)],
  },
  {
    name: 'directories with extents in B+trees',
    size: '400M',
    make: '-b size=1024',
    fill: [xfs.shatter(1024, 100_000_000), xfs.interleaved(3, 4000), xfs.unshatter],
  },
  {
    name: 'directory blocks that lie apart',
    size: '400M',
    make: '-b size=1024 -n size=16384',
    fill: [xfs.shatter(4096, 100_000_000), xfs.interleaved(3, 4000), xfs.unshatter],
  },
  { name: '300 levels', size: '320M', make: '-b size=4096', fill: [fill.deep(300)] },
  {
    name: '60,000 links and 5,000 subdirectories',
    size: '400M',
    make: '-b size=4096',
    fill: [fill.hardLinks(60_000), fill.wide(5000, 10)],
  },
]

export const FILES: readonly XfsRow[] = [
  { name: 'every length of symlink, 1k', size: '320M', make: '-b size=1024', fill: [xfs.everySymlink] },
  { name: 'every length of symlink, 4k', size: '320M', make: '-b size=4096', fill: [xfs.everySymlink] },
  { name: 'every length of symlink, inodes of 2048', size: '320M', make: '-i size=2048', fill: [xfs.everySymlink] },
  {
    name: 'symlinks in pieces',
    size: '320M',
    make: '-b size=1024',
    fill: [xfs.shatter(1024, 20_000_000), xfs.everySymlink, xfs.unshatter],
  },
  ...[8, 9, 19, 20, 21, 22, 100, 1000].map((pieces) => ({
    name: `${pieces} extents`,
    size: '320M',
    make: '-b size=1024',
    fill: [data.fragments(pieces, 1024)],
  })),
  {
    name: 'several levels of extents',
    size: '600M',
    make: '-b size=1024',
    fill: [data.fragments(30_000, 1024)],
    proof: [['path /fragments/p30000', 'p u3.bmbt.level'], /level = [23]/],
  },
  { name: '100,000 extents', size: '1G', make: '-b size=1024 -i nrext64=1', fill: [data.fragments(100_000, 1024)] },
  {
    name: 'files in pieces',
    size: '400M',
    make: '-b size=4096',
    fill: [xfs.shatter(8192, 60_000_000), data.plain('p', 30 * M), data.plain('q', 3 * M), xfs.unshatter],
  },
  ...[1, 2, 3, 4].map((seed) => ({
    name: `rearranged, seed ${seed}`,
    size: '400M',
    make: seed % 2 === 0 ? '-b size=4096' : '-b size=1024',
    fill: [xfs.rearranged(seed), xfs.rearranged(seed + 100)],
  })),
  ...[1, 2, 3, 4].map((seed) => ({ name: `churn, seed ${seed}`, size: '400M', make: '-b size=1024', fill: [fill.churn(seed, 3000)] })),
  ...[5, 6].map((seed) => ({
    name: `churn, inodes of 2048, seed ${seed}`,
    size: '400M',
    make: '-i size=2048',
    fill: [fill.churn(seed, 3000), ...SOME],
  })),
]
