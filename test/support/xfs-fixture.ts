import { type Fixture, loadFixture } from './fixture.js'

/** An image of `fixtures/snapshots/xfs` with what the kernel shows of it. */
export function loadXfsFixture(name: string): Promise<Fixture> {
  return loadFixture('xfs', name)
}
