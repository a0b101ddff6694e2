import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
} from '@nestjs/terminus';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BotSettings } from '../../actions/platform.js';
import { CONFIG, type Config, findPlatformSettings } from '../../config/config.js';
import { MODULE_NAME, VERSION } from '../../config/version.js';
import { Readiness } from '../../observability/readiness.js';
import { Public } from '../caller.guard.js';
import { findModule } from '../predecessors/modules.js';

/** Whether the gateway lives, and whether it may be sent work. */
@Public()
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: Readiness,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The form that the earlier services' probes read, with the name of the one that is asked for. */
  @Get(['health', 'healthz'])
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { state } = this.readiness;
    const fault = await this.readiness.findDatabaseFault();
    const error = state === 'stopping' ? 'it is stopping' : fault;
    const earlier = findModule(request, this.config);
    const about = {
      module: earlier?.module ?? MODULE_NAME,
      version: VERSION,
      timestamp: new Date().toISOString(),
      grpc_port: this.config.GRPC_PORT,
      rest_port: this.config.REST_PORT,
      sandbox: this.config.sandbox,
      ...(earlier?.name === 'discord' && { config: this.#describeDiscord(earlier.module) }),
    };
    const database = fault === undefined ? 'connected' : 'away';
    if (error === undefined) void reply.status(200).send({ status: 'healthy', ...about, database });
    else void reply.status(503).send({ status: 'unhealthy', ...about, database, error });
  }

  /** What the earlier Discord service told of itself. */
  #describeDiscord(module: string): object {
    const { config } = this;
    return {
      module_name: module,
      module_version: VERSION,
      grpc_port: config.GRPC_PORT,
      rest_port: config.REST_PORT,
      database_configured: true,
      discord_token_configured: isBotConfigured(config),
      max_concurrent_requests: config.MAX_WORKERS,
      request_timeout: config.REQUEST_TIMEOUT,
      log_level: config.LOG_LEVEL,
    };
  }

  /** The process runs and answers. */
  @Get('health/live')
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  /**
   * The doors are open, which they are only once everything is migrated, and not while it stops. The database is shown and does not count: all replicas share it, and a clean
   * UNAVAILABLE serves callers better than no replica at all.
   */
  @Get('health/ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => {
        const doors = this.indicators.check('doors');
        const { state } = this.readiness;
        return state === 'open' ? doors.up() : doors.down(state);
      },
      async () => {
        const fault = await this.readiness.findDatabaseFault();
        return this.indicators.check('database').up(fault === undefined ? {} : { away: fault });
      },
    ]);
  }
}

function isBotConfigured(config: Config): boolean {
  const settings = findPlatformSettings(config, 'discord') as BotSettings | undefined;
  return Boolean(settings?.botToken);
}
