import type { EBSClient } from '@aws-sdk/client-ebs'
import type { EC2Client } from '@aws-sdk/client-ec2'
import type { KMSClient } from '@aws-sdk/client-kms'
import { ConfigError, messageOf } from '../errors.js'
import { Caller } from './call.js'
import type { Ec2 } from './ec2-types.js'
import type { Kms } from './kms.js'

/** SDK clients of one region and account. */
export interface AwsClients {
  readonly ec2: EC2Client
  readonly ebs: EBSClient
  readonly kms: KMSClient
}

export interface ClientOptions {
  /** By default the SDK's: `AWS_REGION`, then the profile's. */
  readonly region?: string
  /**
   * Used as they are. Those that are missing are made when first needed, with the SDK's own settings: where credentials of your own are to be used, pass all three.
   */
  readonly clients?: Partial<AwsClients>
  /** After so many milliseconds an unanswered request to EC2 or KMS is given up and repeated where it may be; 20,000 by default. */
  readonly requestTimeoutMs?: number
}

/** Access to one region. Nothing of the SDK is loaded, and no client made, before it is needed. */
export interface Aws {
  readonly region: string
  readonly ec2: Ec2
  kms(): Promise<Kms>
}

/** @throws ConfigError where no region is known. */
export async function openAws(options: ClientOptions): Promise<Aws> {
  const caller = new Caller(options.requestTimeoutMs)
  const { SdkEc2, makeEc2Client } = await import('./ec2.js')
  const client = options.clients?.ec2 ?? makeEc2Client(options.region)
  const region = options.region ?? (await regionOf(client))
  return {
    region,
    ec2: new SdkEc2(client, region, caller),
    kms: async () => {
      const { SdkKms, makeKmsClient } = await import('./kms.js')
      return new SdkKms(options.clients?.kms ?? makeKmsClient(region), caller)
    },
  }
}

async function regionOf(client: EC2Client): Promise<string> {
  try {
    return await client.config.region()
  } catch (error) {
    throw new ConfigError(`no AWS region: pass one, or set AWS_REGION (${messageOf(error)})`, { cause: error })
  }
}
