import { Module } from '@nestjs/common';
import { JournalModule } from '../journal/journal.module.js';
import { ActionQueue } from './action-queue.js';
import { KeptEnvelopes } from './kept-envelopes.js';
import { Backlog } from './backlog.js';
import { Callbacks } from './callbacks.js';
import { Reconciliation } from './reconciliation.js';
import { ClusterModule } from '../cluster/cluster.module.js';

/** What waits: actions in their lines, and callbacks. */
@Module({
  imports: [ClusterModule, JournalModule],
  providers: [ActionQueue, Backlog, Callbacks, KeptEnvelopes, Reconciliation],
  exports: [ActionQueue, Backlog, Callbacks, KeptEnvelopes, Reconciliation],
})
export class QueueModule {}
