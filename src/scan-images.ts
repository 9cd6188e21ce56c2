import { basename } from 'node:path'
import { FileSource } from './io/file-source.js'
import type { ScanResult } from './model.js'
import { type OpenMachine, type OpenOptions, openMachine, type ScanOptions, scanVolumes } from './scan.js'
import type { VolumeInput } from './volume.js'

/** A machine over image files, which stay open until it is closed. */
export interface OpenImages extends OpenMachine {
  close(): Promise<void>
}

/**
 * Open local disk images as the volumes of one machine, the root volume first.
 * @throws IoError where a file cannot be opened; what is wrong inside an image is told in the result
 */
export async function openImages(paths: readonly string[], options: OpenOptions = {}): Promise<OpenImages> {
  const volumes = await openFiles(paths)
  try {
    const machine = await openMachine(volumes, options)
    return Object.assign(machine, { close: () => closeAll(volumes) })
  } catch (error) {
    await closeAll(volumes)
    throw error
  }
}

/**
 * Scan local disk images as the volumes of one machine, the root volume first.
 * @throws IoError where a file cannot be opened, or `signal.reason`
 */
export async function scanImages(paths: readonly string[], options: ScanOptions = {}): Promise<ScanResult> {
  const volumes = await openFiles(paths)
  try {
    return await scanVolumes(volumes, options)
  } finally {
    await closeAll(volumes)
  }
}

/** A volume is named by its file, and by its position as well where several files have the same name: `disk.img#2`. */
async function openFiles(paths: readonly string[]): Promise<VolumeInput[]> {
  const names = paths.map((path) => basename(path))
  const volumes: VolumeInput[] = []
  try {
    for (const [index, name] of names.entries()) {
      const id = names.filter((other) => other === name).length === 1 ? name : `${name}#${index + 1}`
      volumes.push({ id, source: await FileSource.open(paths[index]!) })
    }
    return volumes
  } catch (error) {
    await closeAll(volumes)
    throw error
  }
}

async function closeAll(volumes: readonly VolumeInput[]): Promise<void> {
  await Promise.all(volumes.map(({ source }) => source.close?.()))
}
