/** Bytes of an EBS block. */
export const BLOCK_SIZE: number = 512 * 1024

/** Contents of a volume or snapshot in EBS blocks. */
export interface BlockImage {
  /** Bytes. */
  readonly size: number
  /** Blocks that were read so far to find out whether they hold anything. */
  readonly scanned: number
  isWritten(blockIndex: number): Promise<boolean>
  /** Always `BLOCK_SIZE` bytes, padded with zeros beyond the image. The caller must not write into them. */
  readBlock(blockIndex: number): Promise<Uint8Array>
  close(): Promise<void>
}
