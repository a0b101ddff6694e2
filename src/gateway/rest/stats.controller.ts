import { Controller, Get, Inject, Req, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Accounts } from '../../accounts/accounts.js';
import { ActionLog } from '../../journal/action-log.js';
import { Weighs } from '../caller.guard.js';
import { AuditInterceptor, openedCall } from '../../journal/audit.interceptor.js';
import { ActionQueue } from '../../queue/action-queue.js';
import { CONFIG, type Config } from '../../config/config.js';
import { MODULE_NAME, VERSION } from '../../config/version.js';
import { findModule } from '../predecessors/modules.js';
import { refuse } from '../../actions/door-refusal.js';
import { Executor } from '../../execution/executor.js';
import { databaseClock } from '../../config/database-clock.js';

const DAY_MS = 86_400_000;

/** Figures for people; machines read the metrics. */
@Controller('api/v1/stats')
@UseInterceptors(AuditInterceptor)
export class StatsController {
  constructor(
    private readonly accounts: Accounts,
    private readonly log: ActionLog,
    private readonly queue: ActionQueue,
    private readonly executor: Executor,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Weighs(5)
  async show(@Req() request: FastifyRequest): Promise<object> {
    const { caller } = openedCall(request);
    if (caller.isNarrowed)
      throw refuse.forbidden(`Caller "${caller.name}" may not see figures of the whole gateway`);
    const [registered, counts, queue] = await Promise.all([
      this.accounts.count('twitch'),
      this.log.countSince(new Date(databaseClock.now() - DAY_MS)),
      this.queue.count(),
    ]);
    return {
      module: findModule(request, this.config)?.module ?? MODULE_NAME,
      version: VERSION,
      stats: {
        registered_broadcasters: registered,
        grpc_port: this.config.GRPC_PORT,
        rest_port: this.config.REST_PORT,
        ...this.executor.load,
        queue,
        last_24_hours: counts,
      },
      timestamp: new Date().toISOString(),
      sandbox: this.config.sandbox,
    };
  }
}
