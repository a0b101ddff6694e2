import { Module } from '@nestjs/common';
import { ActionLog } from './action-log.js';
import { AuditEvents } from './audit-events.js';
import { AuditInterceptor } from './audit.interceptor.js';
import { Housekeeping } from './housekeeping.js';
import { ReplicaLease } from './replica-lease.js';

/** What happened. */
@Module({
  providers: [ActionLog, AuditEvents, AuditInterceptor, Housekeeping, ReplicaLease],
  exports: [ActionLog, AuditEvents, AuditInterceptor, ReplicaLease],
})
export class AuditModule {}
