import * as fill from '../support/recipes.js'
import * as data from '../support/recipes-data.js'
import { G, M } from '../support/units.js'
import type { XfsRow } from '../support/xfs-image.js'
import { EVERYTHING, SOME } from './xfs-fills.js'

export const BLOCK_SIZES: readonly XfsRow[] = [
  ...[1024, 2048, 4096].map((size) => ({ name: `blocks of ${size}`, size: '320M', make: `-b size=${size}`, fill: EVERYTHING })),
  ...[8192, 16384, 32768, 65536].map((size) => ({
    name: `blocks of ${size}`,
    size: '1G',
    make: `-b size=${size}`,
    fill: EVERYTHING,
  })),
  ...[1024, 2048, 4096].map((size) => ({
    name: `sectors of ${size}`,
    size: '320M',
    make: `-s size=${size} -b size=4096`,
    fill: SOME,
  })),
  { name: 'sectors of 32768', size: '1G', make: '-s size=32768 -b size=65536', fill: SOME },
  { name: 'sectors of 8192', size: '1G', make: '-s size=8192 -b size=8192', fill: SOME },
]

export const INODE_SIZES: readonly XfsRow[] = [
  ...[512, 1024, 2048].map((size) => ({ name: `inodes of ${size}`, size: '320M', make: `-i size=${size}`, fill: EVERYTHING })),
  { name: 'inodes of 512 in blocks of 65536', size: '1G', make: '-i size=512 -b size=65536', fill: SOME },
  { name: 'inodes of 2048 in blocks of 65536', size: '1G', make: '-i size=2048 -b size=65536', fill: SOME },
  { name: '16 inodes to a block', size: '400M', make: '-i perblock=16 -b size=8192', fill: SOME },
  { name: 'at most 1 % of inodes', size: '400M', make: '-i maxpct=1', fill: SOME },
]

export const DIRECTORY_SIZES: readonly XfsRow[] = [
  ...[4096, 8192, 16384, 32768, 65536].map((size) => ({
    name: `directory blocks of ${size} over blocks of 1024`,
    size: '320M',
    make: `-b size=1024 -n size=${size}`,
    fill: EVERYTHING,
  })),
  { name: 'directory blocks of 65536 over blocks of 4096', size: '320M', make: '-n size=65536', fill: EVERYTHING },
  { name: 'directory blocks of 65536 over blocks of 16384', size: '1G', make: '-b size=16384 -n size=65536', fill: SOME },
]

export const AGS: readonly XfsRow[] = [
  ...[1, 2, 3, 7, 16].map((count) => ({ name: `${count} AGs`, size: '400M', make: `-d agcount=${count}`, fill: [...SOME, fill.wide(60)] })),
  { name: '64 AGs', size: '1100M', make: '-d agcount=64', fill: [...SOME, fill.wide(200)] },
  { name: 'a last AG of few blocks', size: '321M', make: '-d agsize=100m', fill: [...SOME, fill.wide(60)] },
  { name: 'AGs of an odd size', size: '333M', make: '-b size=1024 -d agsize=37777k', fill: [...SOME, fill.wide(60)] },
  { name: 'AGs of 2^n + 1 blocks', size: '400M', make: `-d agsize=${16385 * 4096}`, fill: [...SOME, fill.wide(60)] },
  { name: 'a stripe unit', size: '512M', make: '-d su=64k,sw=4', fill: SOME },
  { name: 'a stripe unit of odd width', size: '512M', make: '-d sunit=24,swidth=72 -b size=4096', fill: [...SOME, fill.wide(60)] },
  { name: 'a large stripe', size: '1G', make: '-d su=1m,sw=3 -l su=256k', fill: SOME },
  { name: 'a file over many AGs', size: '400M', make: '-d agcount=16', fill: [data.plain('big', 330 * M)] },
  {
    name: 'inode numbers above 2^32',
    size: '39T',
    make: '-d agcount=40',
    mount: 'inode64',
    fill: [...SOME, fill.wide(120), fill.deep(20)],
  },
  { name: '1 TiB, 4 AGs', size: '1T', make: '-b size=4096', fill: [...SOME, fill.wide(20), data.sparse('far', [0, 5 * G], 15 * G)] },
]
