import { Module } from '@nestjs/common';
import { JournalModule } from '../journal/journal.module.js';
import { ActionQueue } from './action-queue.js';
import { Backlog } from './backlog.js';
import { Callbacks } from './callbacks.js';
import { Reconciliation } from './reconciliation.js';
import { ClusterModule } from '../cluster/cluster.module.js';

/** What waits: actions in their lines, and callbacks. */
@Module({
  imports: [ClusterModule, JournalModule],
  providers: [ActionQueue, Backlog, Callbacks, Reconciliation],
  exports: [ActionQueue, Backlog, Callbacks, Reconciliation],
})
export class QueueModule {}
