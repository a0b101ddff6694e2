import { Module } from '@nestjs/common';
import { ChangeFeed } from './change-feed.js';
import { ClaimGate } from './claim-gate.js';
import { ReplicaLease } from './replica-lease.js';
import { Replicas } from './replicas.js';

/**
 * What replicas know of each other. Not global: Nest closes global modules last and in no useful order, so
 * the database might be closed before the lease of this replica is given up.
 */
@Module({
  providers: [ChangeFeed, ClaimGate, ReplicaLease, Replicas],
  exports: [ChangeFeed, ClaimGate, ReplicaLease, Replicas],
})
export class ClusterModule {}
