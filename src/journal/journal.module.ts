import { Module } from '@nestjs/common';
import { CallersModule } from '../callers/callers.module.js';
import { ActionChanges } from './action-changes.js';
import { ActionLog } from './action-log.js';
import { ActionSearch } from './action-search.js';
import { AuditEvents } from './audit-events.js';
import { Housekeeping } from './housekeeping.js';
import { OwnWork } from './own-work.js';
import { ClusterModule } from '../cluster/cluster.module.js';

/** What happened. */
@Module({
  imports: [CallersModule, ClusterModule],
  providers: [ActionChanges, ActionLog, ActionSearch, AuditEvents, Housekeeping, OwnWork],
  exports: [ActionChanges, ActionLog, ActionSearch, AuditEvents, OwnWork],
})
export class JournalModule {}
