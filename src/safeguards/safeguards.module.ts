import { Module } from '@nestjs/common';
import { ClusterModule } from '../cluster/cluster.module.js';
import { AddressRests } from './address-rests.js';
import { LimitStates } from './buckets/limit-states.js';
import { CallerBudgets } from './caller-budgets.js';
import { Flags } from './flags.js';
import { Idempotency } from './idempotency.js';
import { Limits } from './limits.js';
import { Order } from './order.js';
import { ProcessBounds } from './process-bounds.js';

/** What may hold an action back. */
@Module({
  imports: [ClusterModule],
  providers: [
    AddressRests,
    CallerBudgets,
    Flags,
    Idempotency,
    Limits,
    LimitStates,
    Order,
    ProcessBounds,
  ],
  exports: [AddressRests, CallerBudgets, Flags, Idempotency, Limits, Order, ProcessBounds],
})
export class SafeguardsModule {}
