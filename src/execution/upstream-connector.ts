import { Inject, Injectable } from '@nestjs/common';
import { AccountMemory } from '../accounts/account-memory.js';
import { AccountRecords } from '../accounts/account-records.js';
import { Tokens } from '../accounts/tokens.js';
import type { HeldCredential } from '../accounts/held-credential.js';
import type { Action } from '../actions/action.js';
import type { Platform } from '../actions/platform.js';
import { ReplicaLease } from '../cluster/replica-lease.js';
import { CONFIG, type Config } from '../config/config.js';
import { Limits } from '../safeguards/limits.js';
import { ProcessBounds } from '../safeguards/process-bounds.js';
import { Breakers } from './breakers.js';
import type { Deadline } from './deadline.js';
import type { DispatchOptions } from './dispatch-options.js';
import { EgressGuard } from './egress.js';
import { Reads } from './reads.js';
import { Renewals } from './renewals.js';
import { UndiciTransport } from './undici-transport.js';
import type { UpstreamDependencies } from './upstream-dependencies.js';
import { UpstreamSession } from './upstream-session.js';

/** Opens the sessions in which actions send their requests to the platforms. */
@Injectable()
export class UpstreamConnector {
  readonly #dependencies: UpstreamDependencies;

  constructor(
    transport: UndiciTransport,
    tokens: Tokens,
    limits: Limits,
    lease: ReplicaLease,
    breakers: Breakers,
    egress: EgressGuard,
    memory: AccountMemory,
    records: AccountRecords,
    bounds: ProcessBounds,
    reads: Reads,
    @Inject(CONFIG) config: Config,
  ) {
    this.#dependencies = {
      transport,
      tokens,
      limits,
      lease,
      breakers,
      egress,
      memory,
      records,
      bounds,
      reads,
      renewals: new Renewals(),
      maxRetries: config.MAX_RETRIES,
      timeoutMs: config.REQUEST_TIMEOUT * 1_000,
    };
  }

  /** Opens the session of one action. The progress of the deadline tells what may have happened in it. */
  open(
    platform: Platform,
    action: Action,
    credential: HeldCredential,
    deadline: Deadline,
    dispatch: DispatchOptions,
  ): UpstreamSession {
    return new UpstreamSession(
      platform,
      action,
      credential,
      deadline,
      dispatch,
      this.#dependencies,
    );
  }
}
