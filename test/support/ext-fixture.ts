import { type Fixture, loadFixture } from './fixture.js'

/** An image of `fixtures/snapshots/ext` with what the kernel shows of it. */
export function loadExtFixture(name: string): Promise<Fixture> {
  return loadFixture('ext', name)
}
