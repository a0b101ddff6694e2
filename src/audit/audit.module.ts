import { Module } from '@nestjs/common';
import { ActionLog } from './action-log.js';
import { ActionQueue } from './action-queue.js';
import { AuditInterceptor } from './audit.interceptor.js';
import { Callbacks } from './callbacks.js';
import { Housekeeping } from './housekeeping.js';
import { ReplicaLease } from './replica-lease.js';

/** What happened. */
@Module({
  providers: [ActionLog, ActionQueue, AuditInterceptor, Callbacks, Housekeeping, ReplicaLease],
  exports: [ActionLog, ActionQueue, Callbacks, AuditInterceptor, ReplicaLease],
})
export class AuditModule {}
