import { randomUUID } from 'node:crypto'
import type { Account } from '../state.js'
import { type Answer, type Operation, type Service, ServiceError, type WireRequest } from '../wire.js'
import { createSnapshots } from './create-snapshots.js'
import { describeInstances } from './instances.js'
import { Ec2Query } from './query.js'
import { deleteSnapshot, describeSnapshots } from './snapshots.js'
import { createTags } from './tags.js'
import { describeVolumes } from './volumes.js'
import { type Xml, xmlAnswer } from './xml.js'

const VERSION = '2016-11-15'

type Ec2Action = 'DescribeInstances' | 'DescribeVolumes' | 'DescribeSnapshots' | 'CreateSnapshots' | 'CreateTags' | 'DeleteSnapshot'

/** Checks the call and returns what carries it out, so that a dry run can stop in between. */
type Handler = (query: Ec2Query) => () => Xml

/** The EC2 query API: docs.aws.amazon.com/AWSEC2/latest/APIReference. */
export class Ec2Service implements Service {
  readonly refusals: Service['refusals'] = {
    unsigned: new ServiceError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403),
    throttle: new ServiceError('RequestLimitExceeded', 'Request limit exceeded.', 503),
    error: new ServiceError('InternalError', 'An internal error has occurred', 500),
    denied: new ServiceError('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403),
  }
  readonly #handlers: Readonly<Record<Ec2Action, Handler>>

  constructor(account: Account, failingVolumes: ReadonlySet<string>) {
    this.#handlers = {
      DescribeInstances: (query) => () => describeInstances(query, account),
      DescribeVolumes: (query) => () => describeVolumes(query, account),
      DescribeSnapshots: (query) => () => describeSnapshots(query, account),
      CreateSnapshots: (query) => createSnapshots(query, account, failingVolumes),
      CreateTags: (query) => createTags(query, account),
      DeleteSnapshot: (query) => deleteSnapshot(query, account),
    }
  }

  parse(request: WireRequest): Operation {
    const query = Ec2Query.of(request)
    const name = query.text('Action')
    if (name === undefined || name === '')
      throw new ServiceError('MissingAction', 'The request is missing an action or a required parameter.')
    if (!isEc2Action(name, this.#handlers)) throw new ServiceError('InvalidAction', `The action ${name} is not valid for this web service.`)
    const handler = this.#handlers[name]
    const version = query.text('Version')
    if (version !== VERSION) {
      throw new ServiceError('NoSuchVersion', `The requested version (${version}) of service AmazonEC2 does not exist`)
    }
    return { action: name, resources: resourcesOf(query), run: () => run(name, handler, query) }
  }

  answerFor(error: ServiceError): Answer {
    const errors = { Error: { Code: error.code, Message: error.message } }
    return xmlAnswer(error.status, 'Response', { Errors: errors, RequestID: randomUUID() })
  }
}

function isEc2Action(name: string, handlers: Readonly<Record<Ec2Action, Handler>>): name is Ec2Action {
  return Object.hasOwn(handlers, name)
}

function run(action: Ec2Action, handler: Handler, query: Ec2Query): Answer {
  const carryOut = handler(query)
  if (query.flag('DryRun')) {
    throw new ServiceError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412)
  }
  const xmlns = `http://ec2.amazonaws.com/doc/${VERSION}/`
  return xmlAnswer(200, `${action}Response`, { '@xmlns': xmlns, requestId: randomUUID(), ...carryOut() })
}

function resourcesOf(query: Ec2Query): string[] {
  const single = ['InstanceSpecification.InstanceId', 'SnapshotId'].flatMap((name) => query.text(name) ?? [])
  return [...single, ...['InstanceId', 'VolumeId', 'SnapshotId', 'ResourceId'].flatMap((name) => query.texts(name))]
}
