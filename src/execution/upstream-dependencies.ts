import type { AccountMemory } from '../accounts/account-memory.js';
import type { AccountRecords } from '../accounts/account-records.js';
import type { Tokens } from '../accounts/tokens.js';
import type { Transport } from '../actions/wire.js';
import type { ReplicaLease } from '../cluster/replica-lease.js';
import type { Limits } from '../safeguards/limits.js';
import type { ProcessBounds } from '../safeguards/process-bounds.js';
import type { Breakers } from './breakers.js';
import type { EgressGuard } from './egress.js';
import type { Reads } from './reads.js';
import type { Renewals } from './renewals.js';

/** What every upstream session works with. */
export interface UpstreamDependencies {
  readonly transport: Transport;
  readonly tokens: Tokens;
  readonly limits: Limits;
  readonly lease: ReplicaLease;
  readonly breakers: Breakers;
  readonly egress: EgressGuard;
  readonly memory: AccountMemory;
  readonly records: AccountRecords;
  readonly bounds: ProcessBounds;
  readonly renewals: Renewals;
  readonly reads: Reads;
  readonly maxRetries: number;
  readonly timeoutMs: number;
}
