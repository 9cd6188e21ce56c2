// What a scan gives, as data only.
export type { Location } from './errors.js'
export type * from './model/coverage.js'
export type * from './model/finding.js'
export type * from './model/instance.js'
export type * from './model/issue.js'
export type * from './model/package.js'
export type * from './model/result.js'
export type * from './model/system.js'
