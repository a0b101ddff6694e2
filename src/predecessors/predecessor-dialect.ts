import type { FastifyReply } from 'fastify';
import { DoorRefusal } from '../actions/door-refusal.js';
import { isObject, type JsonObject } from '../actions/json.js';
import type { Caller } from '../callers/caller.js';
import type { Config } from '../config/config.js';
import type {
  Dialect,
  EnvelopeForm,
  PresentedCredentials,
  RequestHead,
  ServicePlace,
} from '../doors/door/dialect.js';
import { prepareProblem } from '../doors/door/refusals.js';
import { CredentialRefusal } from './credential-refusal.js';
import type { EarlierCallers, EarlierService } from './earlier-callers.js';
import { findModule } from './modules.js';
import type { Predecessor } from './predecessor.js';
import { answerRefusedRpc } from './refusals.js';

const KEY_HEADERS = ['x-service-key', 'x-api-key'];

/** What one earlier service had of its own. */
interface Special {
  readonly maxTokenMessageBytes?: number;
  readonly envelopes?: EnvelopeForm;
  /** What it added to its answer to /health. */
  readonly describeHealth?: () => JsonObject;
}

/** The dialect of an earlier service, or that of callers that spoke to all of them. */
export class PredecessorDialect implements Dialect {
  readonly module?: string;
  readonly maxTokenMessageBytes?: number;
  readonly envelopes?: EnvelopeForm;
  readonly describeHealth?: () => JsonObject;
  readonly tokensOf?: string;

  /**
   * @param service for which tokens are good
   * @param predecessor whose words are used
   */
  constructor(
    private readonly service: EarlierService,
    private readonly predecessor: Predecessor,
    private readonly callers: EarlierCallers,
    private readonly config: Pick<Config, 'oldPorts' | 'MODULE_VERSION'>,
    special: Special = {},
  ) {
    if (service !== 'any') {
      this.module = predecessor.module;
      this.tokensOf = service;
    }
    Object.assign(this, special);
  }

  isAddressed(head: RequestHead): boolean {
    return findModule(head, this.config)?.name === this.service;
  }

  describePlace(): ServicePlace {
    return describePlace(this.predecessor, this.config);
  }

  authenticate({ read, peer, message }: PresentedCredentials): Caller {
    return this.callers.identify({
      service: this.service,
      authorization: readToken(message) ?? read('authorization'),
      keys: KEY_HEADERS.flatMap((name) => read(name) ?? []),
      peer,
    });
  }

  refuseRest(refusal: DoorRefusal, reply: FastifyReply): void {
    prepareProblem(reply, refusal);
    void reply.send(this.predecessor.refuse(this.#word(refusal)));
  }

  wordRefusal(refusal: DoorRefusal): DoorRefusal {
    const { grpc, http, retryAfterMs } = refusal;
    return new DoorRefusal(grpc, http, this.#word(refusal), retryAfterMs);
  }

  refuseRpc(method: string, refusal: DoorRefusal): object | undefined {
    return answerRefusedRpc(this.predecessor, method, refusal);
  }

  #word(refusal: DoorRefusal): string {
    if (!(refusal instanceof CredentialRefusal)) return refusal.message;
    return this.predecessor.credentialErrors[refusal.fault](refusal.detail);
  }
}

/** The ports at which an earlier service is reached, and its version if one is configured. */
export function describePlace(
  { name, ports }: Predecessor,
  { oldPorts, MODULE_VERSION: version }: Pick<Config, 'oldPorts' | 'MODULE_VERSION'>,
): ServicePlace {
  const find = (door: 'rest' | 'grpc'): number =>
    oldPorts.find((old) => old.platform === name && old.door === door)?.port ?? ports[door];
  return {
    ...(version !== undefined && { version }),
    grpc_port: find('grpc'),
    rest_port: find('rest'),
  };
}

/** The field `token` of the earlier Discord service's messages. */
function readToken(message: unknown): string | undefined {
  const token = isObject(message) ? message['token'] : undefined;
  if (typeof token !== 'string' || token === '') return undefined;
  return `Bearer ${token.replace(/^bearer /i, '')}`;
}
