import type { ListSnapshotBlocksRequest, ListSnapshotBlocksResponse } from '@aws-sdk/client-ebs'
import { describe, expect, it } from 'vitest'
import { EbsError } from '../../src/aws/ebs-error.js'
import { SnapshotListing } from '../../src/aws/ebs-listing.js'
import { IoError } from '../../src/errors.js'

const BLOCK_SIZE = 524_288
const GIB_BLOCKS = 2048

/** Answers as the service does, for a volume whose written blocks a predicate names. */
class ListingService {
  readonly calls: Omit<ListSnapshotBlocksRequest, 'SnapshotId'>[] = []
  /** Changes an answer before it goes out. */
  spoil: (answer: ListSnapshotBlocksResponse, call: number) => ListSnapshotBlocksResponse = (answer) => answer
  readonly #written: (blockIndex: number) => boolean
  readonly #sizeGiB: number
  readonly #pageBlocks: number

  constructor(sizeGiB: number, written: (blockIndex: number) => boolean, pageBlocks = 10_000) {
    this.#sizeGiB = sizeGiB
    this.#written = written
    this.#pageBlocks = pageBlocks
  }

  readonly list = async (page: Omit<ListSnapshotBlocksRequest, 'SnapshotId'>): Promise<ListSnapshotBlocksResponse> => {
    this.calls.push(page)
    const call = this.calls.length
    let blockIndex = page.NextToken ? Number(page.NextToken.slice(1)) : page.StartingBlockIndex!
    const Blocks: { BlockIndex: number; BlockToken: string }[] = []
    const end = this.#sizeGiB * GIB_BLOCKS
    for (; blockIndex < end && Blocks.length < Math.min(page.MaxResults!, this.#pageBlocks); blockIndex++) {
      if (this.#written(blockIndex)) Blocks.push({ BlockIndex: blockIndex, BlockToken: tokenOf(blockIndex, call) })
    }
    const NextToken = blockIndex < end ? `p${blockIndex}` : undefined
    return this.spoil({ Blocks, VolumeSize: this.#sizeGiB, BlockSize: BLOCK_SIZE, NextToken }, call)
  }

  open(sizeBytes?: number): Promise<SnapshotListing> {
    return SnapshotListing.open('snap-1', this.list, sizeBytes)
  }
}

const tokenOf = (blockIndex: number, call: number): string => `${blockIndex}/${call}`

describe('a volume of up to 100,000 blocks', () => {
  it('is listed whole when it is opened, page by page', async () => {
    const service = new ListingService(40, (blockIndex) => blockIndex % 3 !== 0)
    const listing = await service.open()
    expect([listing.sizeBytes, listing.blockSize, listing.blockCount]).toEqual([40 * 2 ** 30, BLOCK_SIZE, 81_920])
    expect(service.calls).toHaveLength(6)
    for (let blockIndex = 0; blockIndex < 81_920; blockIndex += 7) {
      expect(listing.mayHave(blockIndex)).toBe(blockIndex % 3 !== 0)
      expect(listing.token(blockIndex)?.split('/')[0]).toBe(blockIndex % 3 === 0 ? undefined : String(blockIndex))
    }
    expect([listing.mayHave(-1), listing.mayHave(81_920), listing.mayHave(Number.NaN)]).toEqual([false, false, false])
    await listing.ensure([0, 50_000, 81_919])
    expect(service.calls).toHaveLength(6)
  })

  it('may come in short and empty pages', async () => {
    const service = new ListingService(1, (blockIndex) => blockIndex % 2 === 0, 100)
    const list = service.list
    const empties = new Set<string>()
    const listing = await SnapshotListing.open('snap-1', async (page) => {
      const token = page.NextToken
      if (!token || token.startsWith('p')) {
        const answer = await list(page)
        return answer.NextToken ? { ...answer, NextToken: `empty-${answer.NextToken}` } : answer
      }
      empties.add(token)
      return { Blocks: [], VolumeSize: 1, BlockSize: BLOCK_SIZE, NextToken: token.slice('empty-'.length) }
    })
    expect(empties.size).toBeGreaterThan(5)
    for (let blockIndex = 0; blockIndex < GIB_BLOCKS; blockIndex++) expect(listing.mayHave(blockIndex)).toBe(blockIndex % 2 === 0)
  })

  it('may come with blocks out of order and twice', async () => {
    const service = new ListingService(2, (blockIndex) => blockIndex % 5 === 1, 200)
    const pages: ListSnapshotBlocksResponse[] = []
    service.spoil = (answer, call) => {
      pages.push(answer)
      const before = pages[call - 2]?.Blocks ?? []
      return { ...answer, Blocks: [...answer.Blocks!.toReversed(), ...before.slice(0, 50), ...answer.Blocks!.slice(0, 3)] }
    }
    const listing = await service.open()
    for (let blockIndex = 0; blockIndex < 2 * GIB_BLOCKS; blockIndex++) {
      expect(listing.mayHave(blockIndex), String(blockIndex)).toBe(blockIndex % 5 === 1)
      expect(listing.token(blockIndex)?.split('/')[0]).toBe(blockIndex % 5 === 1 ? String(blockIndex) : undefined)
    }
  })

  it('may be empty, or come without a list of blocks', async () => {
    const service = new ListingService(1, () => false)
    service.spoil = (answer) => ({ ...answer, Blocks: undefined })
    const listing = await service.open()
    expect([listing.mayHave(0), listing.mayHave(2047)]).toEqual([false, false])
  })

  it('goes on behind the last block when the token of a page has expired', async () => {
    const service = new ListingService(1, () => true, 500)
    let refused = 0
    const listing = await SnapshotListing.open('snap-1', async (page) => {
      if (page.NextToken === 'p1000' && refused++ === 0) {
        throw new EbsError(
          'ebs:ListSnapshotBlocks',
          'snap-1',
          'snap-1',
          Object.assign(new Error('expired'), { Reason: 'INVALID_PAGE_TOKEN' }),
        )
      }
      return service.list(page)
    })
    expect(service.calls.map((page) => page.NextToken ?? page.StartingBlockIndex)).toEqual([0, 'p500', 1000, 'p1500', 'p2000'])
    expect([0, 999, 1000, 2047].map((blockIndex) => listing.mayHave(blockIndex))).toEqual([true, true, true, true])
  })
})

describe('a larger volume', () => {
  const chunks = (service: ListingService): unknown[] => service.calls.map((page) => page.NextToken ?? page.StartingBlockIndex)

  it('is listed where blocks are needed, a chunk of 10,000 in one call', async () => {
    const service = new ListingService(500, () => true)
    const listing = await service.open()
    expect(chunks(service)).toEqual([0])
    expect([listing.mayHave(9_999), listing.mayHave(10_000), listing.token(10_000)]).toEqual([true, true, undefined])
    await listing.ensure([5, 10_000, 10_001, 123_456, 999_999, 1_023_999])
    expect(chunks(service).slice(1)).toEqual([10_000, 120_000, 990_000, 1_020_000])
    for (const blockIndex of [10_000, 19_999, 123_456, 1_023_999]) expect(listing.token(blockIndex)).toMatch(`${blockIndex}/`)
    expect(listing.token(20_000)).toBeUndefined()
    await listing.ensure([10_000, 15_000, 1_023_999])
    expect(service.calls).toHaveLength(5)
  })

  it('that is sparse is known from few pages', async () => {
    const service = new ListingService(2000, (blockIndex) => blockIndex % 1000 === 7)
    const listing = await service.open()
    expect(chunks(service)).toEqual([0])
    await listing.ensure([0, 1_000_007, 4_000_007])
    expect(service.calls).toHaveLength(1)
    expect([listing.mayHave(1_000_007), listing.mayHave(1_000_008), listing.mayHave(4_095_999)]).toEqual([true, false, false])
  })

  it('gives what a page brings beyond the end of its chunk only where it covers the next one wholly', async () => {
    const service = new ListingService(1000, (blockIndex) => blockIndex % 3 === 0)
    const listing = await service.open()
    // 10,000 blocks at every third index: chunks 0 and 1 wholly, and almost all of 2.
    expect([listing.mayHave(1), listing.mayHave(19_999), listing.mayHave(20_001), listing.mayHave(20_002)]).toEqual([
      false,
      false,
      true,
      true,
    ])
    await listing.ensure([20_002])
    expect(listing.mayHave(20_002)).toBe(false)
    expect(chunks(service)).toEqual([0, 20_000])
  })

  it('reads on where pages are short or empty, but no further than the chunk', async () => {
    const service = new ListingService(500, () => true, 4_000)
    const listing = await service.open()
    expect(chunks(service)).toEqual([0, 'p4000', 'p8000'])
    await listing.ensure([30_000])
    expect(chunks(service).slice(3)).toEqual([30_000, 'p34000', 'p38000'])
    expect([listing.token(39_999), listing.token(40_000)]).toEqual(['39999/6', undefined])
  })

  it('is listed to the end where blocks do not come in order', async () => {
    const service = new ListingService(100, (blockIndex) => blockIndex < 40_000)
    service.spoil = (answer, call) =>
      call === 1 ? { ...answer, Blocks: [...answer.Blocks!.slice(5_000), ...answer.Blocks!.slice(0, 4_999)] } : answer
    const late: ListSnapshotBlocksResponse = { Blocks: [{ BlockIndex: 4_999, BlockToken: 'late' }], NextToken: undefined }
    const listing = await SnapshotListing.open('snap-1', (page) =>
      page.NextToken === 'p40000' ? Promise.resolve(late) : service.list(page),
    )
    expect(listing.token(4_999)).toBe('late')
    expect(chunks(service)).toEqual([0, 'p10000', 'p20000', 'p30000'])
  })

  it('is listed once for all who ask at the same time, and again after a failure', async () => {
    const service = new ListingService(500, () => true)
    const listing = await service.open()
    let failures = 0
    service.spoil = (answer) => {
      if (failures++ === 0) throw new IoError('no answer')
      return answer
    }
    const asked = await Promise.allSettled([listing.ensure([50_000]), listing.ensure([50_001]), listing.ensure([59_999])])
    expect(asked.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(service.calls).toHaveLength(2)
    await Promise.all([listing.ensure([50_000]), listing.ensure([50_001])])
    expect(service.calls).toHaveLength(3)
    expect(listing.token(50_001)).toBe('50001/3')
  })

  it('gives new tokens for a chunk once, however many were refused', async () => {
    const service = new ListingService(500, () => true)
    const listing = await service.open()
    const refused = [1, 2, 3].map((blockIndex) => listing.token(blockIndex)!)
    await Promise.all([1, 2, 3].map((blockIndex) => listing.renew(blockIndex, refused[blockIndex - 1]!)))
    await listing.renew(3, refused[2]!)
    expect(chunks(service)).toEqual([0, 0])
    expect(listing.token(3)).toBe('3/2')
  })
})

describe('an answer that makes no sense', () => {
  const opened = (spoiled: Partial<ListSnapshotBlocksResponse>, sizeBytes?: number): Promise<SnapshotListing> => {
    const service = new ListingService(1, (blockIndex) => blockIndex < 4)
    service.spoil = (answer) => ({ ...answer, ...spoiled })
    return service.open(sizeBytes)
  }

  it('a size in GiB or in bytes is told apart', async () => {
    expect((await opened({ VolumeSize: 8 })).sizeBytes).toBe(8 * 2 ** 30)
    expect((await opened({ VolumeSize: 65_536 })).sizeBytes).toBe(2 ** 46)
    expect((await opened({ VolumeSize: 3 * 2 ** 30 })).sizeBytes).toBe(3 * 2 ** 30)
    expect((await opened({ VolumeSize: 8 }, 5 * BLOCK_SIZE + 100)).blockCount).toBe(6)
    expect((await opened({ VolumeSize: undefined }, 2 ** 30)).sizeBytes).toBe(2 ** 30)
  })

  it.each([undefined, 0, -1, 1.5, Number.NaN, 65_537, 2 ** 53])('refuses a volume size of %s', async (VolumeSize) => {
    await expect(opened({ VolumeSize })).rejects.toThrow(`snap-1: the listing says a volume size of ${VolumeSize}`)
  })

  it.each([undefined, 0, -4096, 512, 524_287, 2 ** 30])('refuses a block size of %s', async (BlockSize) => {
    await expect(opened({ BlockSize })).rejects.toThrow(`snap-1: the listing says a block size of ${BlockSize}`)
  })

  it.each([
    [{ BlockIndex: 2048, BlockToken: 'a' }, 'block 2048 is listed in a volume of 2048 blocks'],
    [{ BlockIndex: -1, BlockToken: 'a' }, 'block -1 is listed in a volume of 2048 blocks'],
    [{ BlockIndex: 1.5, BlockToken: 'a' }, 'block 1.5 is listed in a volume of 2048 blocks'],
    [{ BlockToken: 'a' }, 'block undefined is listed in a volume of 2048 blocks'],
    [{ BlockIndex: 1 }, 'no usable token for block 1'],
    [{ BlockIndex: 1, BlockToken: 'a'.repeat(257) }, 'no usable token for block 1'],
  ])('refuses %o', async (block, message) => {
    await expect(opened({ Blocks: [block] })).rejects.toThrow(`snap-1: ${message}`)
  })

  it('refuses a page token that comes again', async () => {
    await expect(opened({ NextToken: 'again' })).rejects.toThrow('snap-1: the listing has no end')
  })

  it('refuses pages without end', async () => {
    const service = new ListingService(1, () => true)
    service.spoil = (_, call) => ({ Blocks: [], VolumeSize: 1, BlockSize: BLOCK_SIZE, NextToken: `p${call}` })
    await expect(service.open()).rejects.toThrow('snap-1: the listing has no end')
    expect(service.calls.length).toBeLessThan(1_100)
  })
})
