import { Module } from '@nestjs/common';
import { JournalModule } from '../journal/journal.module.js';
import { ActionQueue } from './action-queue.js';
import { KeptEnvelopes } from './kept-envelopes.js';
import { Backlog } from './backlog.js';
import { Callbacks } from './callbacks.js';
import { QueueControl } from './queue-control.js';
import { Reconciliation } from './reconciliation.js';
import { CallersModule } from '../callers/callers.module.js';
import { ClusterModule } from '../cluster/cluster.module.js';

/** What waits: actions in their lines, and callbacks. */
@Module({
  imports: [CallersModule, ClusterModule, JournalModule],
  providers: [ActionQueue, Backlog, Callbacks, KeptEnvelopes, QueueControl, Reconciliation],
  exports: [ActionQueue, Backlog, Callbacks, KeptEnvelopes, QueueControl, Reconciliation],
})
export class QueueModule {}
