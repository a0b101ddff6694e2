import { Global, Module } from '@nestjs/common';
import { ChangeFeed } from './change-feed.js';
import { ReplicaLease } from './replica-lease.js';

/** What replicas know of each other. */
@Global()
@Module({
  providers: [ChangeFeed, ReplicaLease],
  exports: [ChangeFeed, ReplicaLease],
})
export class ClusterModule {}
