import { Module } from '@nestjs/common';
import { LimitStates } from './buckets/limit-states.js';
import { CallerBudgets } from './caller-budgets.js';
import { Flags } from './flags.js';
import { Idempotency } from './idempotency.js';
import { Limits } from './limits.js';
import { Order } from './order.js';

/** What may hold an action back. */
@Module({
  providers: [CallerBudgets, Flags, Idempotency, Limits, LimitStates, Order],
  exports: [CallerBudgets, Flags, Idempotency, Limits, Order],
})
export class SafeguardsModule {}
