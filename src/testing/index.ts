/** `snapsight/testing`: AWS as far as a scan needs it, on this machine, for tests of your own. */
export { startLocalAws } from './local-aws.js'
export { packSnapshot, SnapshotFixture } from './snapshot-fixture.js'
export type {
  Fault,
  LocalAction,
  LocalAws,
  LocalAwsOptions,
  LocalCall,
  LocalClientConfig,
  LocalInstance,
  LocalInstanceState,
  LocalKey,
  LocalSnapshot,
  LocalVolume,
} from './types.js'
