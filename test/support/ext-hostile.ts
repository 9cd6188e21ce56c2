import { extDriver } from '../../src/fs/ext/index.js'
import { loadVictim } from './ext-damage.js'
import { ExtLayout } from './ext-layout.js'
import * as hostile from './hostile.js'

export type HostileRow = hostile.HostileRow<ExtLayout>
export type HostileImage = hostile.HostileImage<ExtLayout>

export async function loadHostile(name: string): Promise<HostileImage> {
  const victim = await loadVictim(extDriver, name)
  return { victim, layout: new ExtLayout(victim.image, victim.truth) }
}

export function expectHostile(image: HostileImage, row: HostileRow): Promise<void> {
  return hostile.expectHostile(extDriver, image, row)
}
