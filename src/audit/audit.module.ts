import { Module } from '@nestjs/common';
import { ActionLog } from './action-log.js';
import { AuditInterceptor } from './audit.interceptor.js';
import { Housekeeping } from './housekeeping.js';
import { ReplicaLease } from './replica-lease.js';

/** What happened. */
@Module({
  providers: [ActionLog, AuditInterceptor, Housekeeping, ReplicaLease],
  exports: [ActionLog, AuditInterceptor, ReplicaLease],
})
export class AuditModule {}
