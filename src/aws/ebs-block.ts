import { webcrypto } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { GetSnapshotBlockResponse } from '@aws-sdk/client-ebs'
import { IoError } from '../errors.js'

/**
 * The body of a GetSnapshotBlock answer, verified: the SDK checks neither its length nor its SHA-256.
 * docs.aws.amazon.com/ebs/latest/APIReference/API_GetSnapshotBlock.html
 * @throws IoError where length, checksum or algorithm do not fit; the stream is destroyed then
 */
export async function readBlockBody(answer: GetSnapshotBlockResponse, blockSize: number): Promise<Uint8Array> {
  const { DataLength, Checksum, ChecksumAlgorithm } = answer
  const body = answer.BlockData as Readable | undefined
  if (!body) throw new IoError('the answer has no body')
  if (DataLength === undefined || !(DataLength > 0 && DataLength <= blockSize)) {
    body.destroy()
    throw new IoError(`the answer promises ${DataLength} bytes of a block of ${blockSize}`)
  }
  if (ChecksumAlgorithm !== 'SHA256') {
    body.destroy()
    throw new IoError(`the answer has no SHA-256 (checksum algorithm ${JSON.stringify(ChecksumAlgorithm)})`)
  }
  const block = new Uint8Array(Buffer.allocUnsafeSlow(DataLength).buffer)
  let length = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    if (length + chunk.length > DataLength) throw new IoError(`more than the ${DataLength} bytes that the answer promises`)
    block.set(chunk, length)
    length += chunk.length
  }
  if (length !== DataLength) throw new IoError(`${length} of the ${DataLength} bytes that the answer promises`)
  // Off the main thread, which has the next blocks to take in meanwhile.
  const digest = await webcrypto.subtle.digest('SHA-256', block)
  if (Buffer.from(digest).toString('base64') !== Checksum) throw new IoError('the bytes do not match their SHA-256')
  return block
}
