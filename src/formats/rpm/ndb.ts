import { CorruptError, LimitError, ScanError } from '../../errors.js'
import { type DatabaseFile, ReadAhead } from '../database-file.js'
import { adler32 } from './adler32.js'
import { type HeaderBlob, MAX_HEADER_BYTES } from './blob.js'

// rpm's own database, `Packages.db`: a header and slots that say where each blob lies, then the blobs. Everything is little-endian.
// https://github.com/rpm-software-management/rpm/blob/rpm-4.18.0-release/lib/backend/ndb/rpmpkg.c

const PKGDB_MAGIC = 0x506d7052 // 'RpmP'
const PKGDB_VERSION = 0
const PKGDB_OFFSET_VERSION = 4
const PKGDB_OFFSET_SLOTNPAGES = 12
const PKGDB_HEADER_SIZE = 32 // takes the place of the first slots

const PAGE_SIZE = 4096
const BLK_SIZE = 16

const SLOT_MAGIC = 0x746f6c53 // 'Slot'
const SLOT_PKGIDX = 4
const SLOT_BLKOFF = 8 // in blocks; 0 in a free slot
const SLOT_BLKCNT = 12
const SLOT_SIZE = 16

const BLOBHEAD_MAGIC = 0x53626c42 // 'BlbS'
const BLOBHEAD_PKGIDX = 4
const BLOBHEAD_BLOBLEN = 12
const BLOBHEAD_SIZE = 16

const BLOBTAIL_MAGIC = 0x45626c42 // 'BlbE'
const BLOBTAIL_ADLER32 = 0 // of all before it, with the padding
const BLOBTAIL_BLOBLEN = 4
const BLOBTAIL_OFFSET_MAGIC = 8
const BLOBTAIL_SIZE = 12

const MAX_BYTES = 4 * 1024 ** 3
/** A million packages. */
const MAX_SLOT_PAGES = 4096

interface Slot {
  readonly pkgidx: number
  readonly blkoff: number
  readonly blkcnt: number
}

/** Whether a file with this head is an NDB database. */
export function isNdb(head: Uint8Array): boolean {
  return head.length >= 4 && viewOf(head).getUint32(0, true) === PKGDB_MAGIC
}

/**
 * Every header of the database in the order in which they lie in the file. A slot or a blob that is damaged comes as an error and costs
 * only itself.
 * @throws CorruptError, LimitError where the header of the file cannot be used
 */
export async function* readNdb(file: DatabaseFile): AsyncGenerator<HeaderBlob | ScanError> {
  if (file.size > MAX_BYTES) throw new LimitError('bytes of an rpm database', MAX_BYTES)
  if (file.size < PKGDB_HEADER_SIZE) throw new CorruptError('rpmpkg header', 'cut short', 0)
  const reader = new ReadAhead(file)
  const header = viewOf(await reader.read(0, PKGDB_HEADER_SIZE))
  const version = header.getUint32(PKGDB_OFFSET_VERSION, true)
  if (version !== PKGDB_VERSION) throw new CorruptError('rpmpkg header', `version ${version}`, PKGDB_OFFSET_VERSION)
  const slotPages = header.getUint32(PKGDB_OFFSET_SLOTNPAGES, true)
  if (slotPages > MAX_SLOT_PAGES) throw new LimitError('slot pages of an rpm database', MAX_SLOT_PAGES)
  const slots: Slot[] = []
  for (let page = 0; page < slotPages; page++) yield* readSlotPage(reader, page, slots)
  yield* readBlobs(
    reader,
    slots.sort((a, b) => a.blkoff - b.blkoff),
    slotPages,
  )
}

async function* readSlotPage(reader: ReadAhead, page: number, slots: Slot[]): AsyncGenerator<ScanError> {
  const start = page * PAGE_SIZE
  const length = Math.max(0, Math.min(PAGE_SIZE, reader.size - start))
  if (length < PAGE_SIZE) yield new CorruptError('slot page', `page ${page} lies behind the end of the file`, start)
  let view: DataView
  try {
    view = viewOf(await reader.read(start, length))
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    return void (yield error)
  }
  let damaged = 0
  for (let at = page === 0 ? PKGDB_HEADER_SIZE : 0; at + SLOT_SIZE <= length; at += SLOT_SIZE) {
    const pkgidx = view.getUint32(at + SLOT_PKGIDX, true)
    const blkoff = view.getUint32(at + SLOT_BLKOFF, true)
    const blkcnt = view.getUint32(at + SLOT_BLKCNT, true)
    if (view.getUint32(at, true) !== SLOT_MAGIC) damaged++
    else if (blkoff !== 0) slots.push({ pkgidx, blkoff, blkcnt })
    // A free slot is all zeros behind its magic.
    else if (pkgidx !== 0 || blkcnt !== 0) yield new CorruptError('slot', `header ${pkgidx} has no place`, start + at)
  }
  if (damaged > 0) yield new CorruptError('slot page', `page ${page} has ${damaged} slots with a bad magic`, start)
}

async function* readBlobs(reader: ReadAhead, slots: readonly Slot[], slotPages: number): AsyncGenerator<HeaderBlob | ScanError> {
  const seen = new Set<number>()
  // Sound blobs do not overlap, so all of them together are no longer than the file.
  let budget = 2 * reader.size
  for (const slot of slots) {
    try {
      if (seen.has(slot.pkgidx)) throw new CorruptError('slot', `header ${slot.pkgidx} is there twice`)
      seen.add(slot.pkgidx)
      checkSlot(slot, slotPages, reader.size)
      const start = slot.blkoff * BLK_SIZE
      const length = slot.blkcnt * BLK_SIZE
      const bloblen = decodeBlobHead(await reader.read(start, BLOBHEAD_SIZE), slot)
      budget -= length
      if (budget < 0) throw new CorruptError('slot', `header ${slot.pkgidx} overlaps others`)
      yield { number: slot.pkgidx, bytes: decodeBlob(await reader.read(start, length), bloblen, slot) }
    } catch (error) {
      if (!(error instanceof ScanError)) throw error
      yield error
    }
  }
}

function checkSlot({ pkgidx, blkoff, blkcnt }: Slot, slotPages: number, size: number): void {
  if (pkgidx === 0) throw new CorruptError('slot', `a blob at block ${blkoff} without a pkgidx`)
  if (blkoff < (slotPages * PAGE_SIZE) / BLK_SIZE)
    throw new CorruptError('slot', `header ${pkgidx} lies among the slots, at block ${blkoff}`)
  if ((blkoff + blkcnt) * BLK_SIZE > size) throw new CorruptError('slot', `header ${pkgidx} lies behind the end of the file`)
  if (blkcnt * BLK_SIZE < BLOBHEAD_SIZE + BLOBTAIL_SIZE) throw new CorruptError('slot', `header ${pkgidx} has ${blkcnt} blocks`)
  if (blkcnt * BLK_SIZE > MAX_HEADER_BYTES) throw new LimitError(`bytes of header ${pkgidx}`, MAX_HEADER_BYTES)
}

/** The length of the header in the blob. */
function decodeBlobHead(head: Uint8Array, slot: Slot): number {
  const view = viewOf(head)
  if (view.getUint32(0, true) !== BLOBHEAD_MAGIC) throw corruptBlob(slot, 'bad magic at its head')
  const pkgidx = view.getUint32(BLOBHEAD_PKGIDX, true)
  if (pkgidx !== slot.pkgidx) throw corruptBlob(slot, `belongs to header ${pkgidx}`)
  const bloblen = view.getUint32(BLOBHEAD_BLOBLEN, true)
  const blocks = Math.ceil((BLOBHEAD_SIZE + bloblen + BLOBTAIL_SIZE) / BLK_SIZE)
  if (blocks !== slot.blkcnt) throw corruptBlob(slot, `${bloblen} bytes in ${slot.blkcnt} blocks`)
  return bloblen
}

function decodeBlob(bytes: Uint8Array, bloblen: number, slot: Slot): Uint8Array {
  const view = viewOf(bytes)
  const tailAt = bytes.length - BLOBTAIL_SIZE
  if (view.getUint32(tailAt + BLOBTAIL_OFFSET_MAGIC, true) !== BLOBTAIL_MAGIC) throw corruptBlob(slot, 'bad magic at its tail')
  if (view.getUint32(tailAt + BLOBTAIL_BLOBLEN, true) !== bloblen) throw corruptBlob(slot, 'head and tail give different lengths')
  if (view.getUint32(tailAt + BLOBTAIL_ADLER32, true) !== adler32(bytes.subarray(0, tailAt))) throw corruptBlob(slot, 'bad checksum')
  return bytes.subarray(BLOBHEAD_SIZE, BLOBHEAD_SIZE + bloblen)
}

function corruptBlob({ pkgidx, blkoff }: Slot, problem: string): CorruptError {
  return new CorruptError('blob', `header ${pkgidx}: ${problem}`, blkoff * BLK_SIZE)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
