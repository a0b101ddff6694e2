import { Module } from '@nestjs/common';
import { Flags } from './flags.js';
import { Idempotency } from './idempotency.js';
import { Limits } from './limits.js';
import { Order } from './order.js';

/** What may hold an action back. */
@Module({
  providers: [Flags, Idempotency, Limits, Order],
  exports: [Flags, Idempotency, Limits, Order],
})
export class SafeguardsModule {}
