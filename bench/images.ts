import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
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

/** A 4 GiB disk with a real Debian of several hundred packages; made on first use, which needs root and debootstrap. */
export async function debianImage(): Promise<BenchImage> {
  const path = `${FOLDER}/debian.img`
  mkdirSync(FOLDER, { recursive: true })
  if (!existsSync(path)) {
    console.error(`making ${path}, which takes some minutes`)
    execFileSync('bench/make/debian.sh', [`${path}.part`], { stdio: ['ignore', 'ignore', 'inherit'] })
    execFileSync('mv', [`${path}.part`, path])
  }
  return { name: 'Debian 12, 4 GiB', paths: [path], writtenBlocks: await countWritten(path) }
}

/** The small volumes of the committed demo instance, for a smoke run. */
export async function smokeImage(): Promise<BenchImage> {
  mkdirSync(FOLDER, { recursive: true })
  const paths: string[] = []
  let writtenBlocks = 0
  for (const name of ['root', 'var']) {
    const fixture = await SnapshotFixture.load(`fixtures/snapshots/demo/${name}.snap.gz`)
    const path = `${FOLDER}/smoke-${name}.img`
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
  return { name: 'the demo instance', paths, writtenBlocks }
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
