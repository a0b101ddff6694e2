import { Module } from '@nestjs/common';
import { CallersModule } from '../callers/callers.module.js';
import { ActionLog } from './action-log.js';
import { ActionSearch } from './action-search.js';
import { ActionQueue } from './action-queue.js';
import { AuditEvents } from './audit-events.js';
import { Backlog } from './backlog.js';
import { Callbacks } from './callbacks.js';
import { Housekeeping } from './housekeeping.js';
import { ReplicaLease } from './replica-lease.js';

/** What happened. */
@Module({
  imports: [CallersModule],
  providers: [
    ActionLog,
    ActionQueue,
    ActionSearch,
    AuditEvents,
    Backlog,
    Callbacks,
    Housekeeping,
    ReplicaLease,
  ],
  exports: [ActionLog, ActionQueue, ActionSearch, AuditEvents, Backlog, Callbacks, ReplicaLease],
})
export class AuditModule {}
