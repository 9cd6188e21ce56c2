import { apk } from './apk.js'
import { bottlerocket } from './bottlerocket.js'
import { dpkg } from './dpkg.js'
import { rpm } from './rpm.js'
import type { Cataloger } from './types.js'

export type * from './types.js'

/** Every cataloger, in the order in which they are asked. */
export const catalogers: readonly Cataloger[] = [dpkg, rpm, apk, bottlerocket]
