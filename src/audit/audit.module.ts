import { Module } from '@nestjs/common';
import { CallersModule } from '../callers/callers.module.js';
import { ActionLog } from './action-log.js';
import { ActionSearch } from './action-search.js';
import { ActionQueue } from './action-queue.js';
import { AuditEvents } from './audit-events.js';
import { AuditInterceptor } from './audit.interceptor.js';
import { Backlog } from './backlog.js';
import { Callbacks } from './callbacks.js';
import { Housekeeping } from './housekeeping.js';
import { OwnWork } from './own-work.js';
import { Reconciliation } from './reconciliation.js';
import { ReplicaLease } from './replica-lease.js';

/** What happened. */
@Module({
  imports: [CallersModule],
  providers: [
    ActionLog,
    ActionQueue,
    ActionSearch,
    AuditEvents,
    AuditInterceptor,
    Backlog,
    Callbacks,
    Housekeeping,
    OwnWork,
    Reconciliation,
    ReplicaLease,
  ],
  exports: [
    ActionLog,
    ActionQueue,
    ActionSearch,
    AuditEvents,
    AuditInterceptor,
    Backlog,
    Callbacks,
    Reconciliation,
    ReplicaLease,
  ],
})
export class AuditModule {}
