import { Module } from '@nestjs/common';
import { CallersModule } from '../callers/callers.module.js';
import { ActionLog } from './action-log.js';
import { ActionSearch } from './action-search.js';
import { AuditEvents } from './audit-events.js';
import { AuditInterceptor } from './audit.interceptor.js';
import { Housekeeping } from './housekeeping.js';
import { OwnWork } from './own-work.js';

/** What happened. */
@Module({
  imports: [CallersModule],
  providers: [ActionLog, ActionSearch, AuditEvents, AuditInterceptor, Housekeeping, OwnWork],
  exports: [ActionLog, ActionSearch, AuditEvents, AuditInterceptor, OwnWork],
})
export class JournalModule {}
