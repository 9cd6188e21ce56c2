import { dpkg } from './dpkg.js'
import type { Cataloger } from './types.js'

export { createDispatch, type Dispatch } from './dispatch.js'
export { type EntryCounts, type Inventory, type InventoryOptions, type InventoryTree, takeInventory } from './inventory.js'
export type * from './types.js'

/** Every cataloger. */
export const catalogers: readonly Cataloger[] = [dpkg]
