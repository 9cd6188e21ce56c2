import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { SnapshotFixture } from '../src/testing/index.js'

const FOLDER = 'bench/images'
const BLOCK_BYTES = 512 * 1024

export interface BenchImage {
  readonly name: string
  /** One file for each volume, the root first. */
  readonly paths: readonly string[]
  /** 512 KiB blocks that hold anything but zeros: what a snapshot of it would list. */
  readonly writtenBlocks: number
}

export type ImageName = 'ext4' | 'xfs'

/** 4 GiB disks with a real Debian of several hundred packages; made on first use, which needs root and debootstrap. */
export async function debianImage(name: ImageName): Promise<BenchImage> {
  mkdirSync(FOLDER, { recursive: true })
  const ext4 = `${FOLDER}/debian.img`
  make(ext4, 'bench/make/debian.sh', [])
  if (name === 'ext4') return { name: 'Debian 12, 4 GiB, ext4', paths: [ext4], writtenBlocks: await countWritten(ext4) }
  const xfs = `${FOLDER}/xfs.img`
  make(xfs, 'bench/make/xfs.sh', [ext4])
  return { name: 'the same files on XFS', paths: [xfs], writtenBlocks: await countWritten(xfs) }
}

/** The small volumes of the committed demo instances, for a smoke run. */
export async function smokeImage(name: ImageName): Promise<BenchImage> {
  mkdirSync(FOLDER, { recursive: true })
  const fixtures = name === 'ext4' ? ['root', 'var'] : ['amazon']
  const paths: string[] = []
  let writtenBlocks = 0
  for (const fixtureName of fixtures) {
    const fixture = await SnapshotFixture.load(`fixtures/snapshots/demo/${fixtureName}.snap.gz`)
    const path = `${FOLDER}/smoke-${fixtureName}.img`
    const file = await open(path, 'w')
    try {
      await file.truncate(fixture.size)
      for (const index of fixture.blocks) await file.write(await fixture.readBlock(index), 0, undefined, index * fixture.blockSize)
    } finally {
      await file.close()
    }
    paths.push(path)
    writtenBlocks += fixture.blocks.length
  }
  return { name: name === 'ext4' ? 'the Debian of the demo, ext4' : 'the Amazon Linux of the demo, XFS', paths, writtenBlocks }
}

function make(path: string, script: string, args: readonly string[]): void {
  if (existsSync(path)) return
  console.error(`making ${path}, which takes some minutes`)
  execFileSync(script, [...args, `${path}.part`], { stdio: ['ignore', 'ignore', 'inherit'] })
  renameSync(`${path}.part`, path)
}

async function countWritten(path: string): Promise<number> {
  const file = await open(path)
  const block = Buffer.alloc(BLOCK_BYTES)
  const zeros = Buffer.alloc(BLOCK_BYTES)
  let written = 0
  try {
    for (let read = BLOCK_BYTES; read === BLOCK_BYTES; ) {
      read = (await file.read(block, 0, BLOCK_BYTES)).bytesRead
      if (read > 0 && block.compare(zeros, 0, read, 0, read) !== 0) written++
    }
  } finally {
    await file.close()
  }
  return written
}
