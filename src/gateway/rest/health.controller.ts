import { Controller, Get, Inject, Res } from '@nestjs/common';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
} from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../../config/config.js';
import { MODULE_NAME, VERSION } from '../../config/version.js';
import { Readiness } from '../../observability/readiness.js';
import { Public } from '../caller.guard.js';

/** Whether the gateway lives, and whether it may be sent work. */
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: Readiness,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The form that the earlier services' probes read. */
  @Get()
  async show(@Res() reply: FastifyReply): Promise<void> {
    const { state } = this.readiness;
    const fault = await this.readiness.findDatabaseFault();
    const error = state === 'stopping' ? 'it is stopping' : fault;
    const about = {
      module: MODULE_NAME,
      version: VERSION,
      timestamp: new Date().toISOString(),
      grpc_port: this.config.GRPC_PORT,
      rest_port: this.config.REST_PORT,
      sandbox: this.config.sandbox,
    };
    const database = fault === undefined ? 'connected' : 'away';
    if (error === undefined) void reply.status(200).send({ status: 'healthy', ...about, database });
    else void reply.status(503).send({ status: 'unhealthy', ...about, database, error });
  }

  /** The process runs and answers. */
  @Get('live')
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  /**
   * The doors are open, which they are only once everything is migrated, and not while it stops. The database is shown and does not count: all replicas share it, and a clean
   * UNAVAILABLE serves callers better than no replica at all.
   */
  @Get('ready')
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
