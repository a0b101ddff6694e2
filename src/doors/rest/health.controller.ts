import { Controller, Inject } from '@nestjs/common';
import {
  type HealthCheckResult,
  HealthCheckService,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { CONFIG, type Config } from '../../config/config.js';
import { MODULE_NAME, VERSION } from '../../config/version.js';
import { Readiness } from '../../observability/readiness.js';
import { json, type PublicRequest, Route } from '../door/route.js';
import { defineSchema, FREE, TEXT, TIME, YES_NO } from '../door/schema.js';
import { Dialects } from '../door/dialects.js';

const PORT = { type: 'integer', minimum: 0, maximum: 65_535 } as const;
export const DOOR_PORTS = { grpc_port: PORT, rest_port: PORT } as const;

const members = {
  status: { type: 'string', enum: ['healthy', 'unhealthy'] },
  module: TEXT,
  version: TEXT,
  timestamp: TIME,
  database: { type: 'string', enum: ['connected', 'away'] },
  ...DOOR_PORTS,
  sandbox: YES_NO,
  error: { ...TEXT, description: 'What is wrong with the database' },
} as const;

const HEALTH = defineSchema<object>('Health', {
  type: 'object',
  required: Object.keys(members).filter((name) => name !== 'error'),
  properties: members,
});

const checks = { type: ['object', 'null'], additionalProperties: FREE } as const;

const HEALTH_REPORT = defineSchema<HealthCheckResult>('HealthReport', {
  type: 'object',
  required: ['status', 'details'],
  properties: {
    status: { type: 'string', enum: ['ok', 'error', 'shutting_down'] },
    info: { ...checks, description: 'What is well' },
    error: { ...checks, description: 'What is not' },
    details: { ...checks, description: 'Both' },
  },
});

const HEALTH_ANSWERS = {
  200: json('The database answers', HEALTH),
  503: json('The database does not answer', HEALTH),
};
const PROBE_ANSWERS = { 200: json('Yes', HEALTH_REPORT), 503: json('No', HEALTH_REPORT) };
const NOT_CACHED = { 'cache-control': 'no-cache, no-store, must-revalidate' };

/** Whether the gateway lives, and whether it may be sent work. */
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: Readiness,
    private readonly dialects: Dialects,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The form that the earlier services' probes read, with the name of the one that is asked for. */
  @Route({
    method: 'GET',
    path: '/health',
    tag: 'Operation',
    summary:
      "Show how the gateway is, in the form of the earlier services' probes and under the name of the one that the host or port was of",
    needs: 'public',
    isProbe: true,
    answers: HEALTH_ANSWERS,
  })
  async getHealth({ request, reply }: PublicRequest): Promise<void> {
    const { state } = this.readiness;
    const fault = await this.readiness.findDatabaseFault();
    const error = state === 'stopping' ? 'it is stopping' : fault;
    const addressed = this.dialects.findAddressed(request);
    const about = {
      module: addressed?.module ?? MODULE_NAME,
      version: VERSION,
      timestamp: new Date().toISOString(),
      grpc_port: this.config.GRPC_PORT,
      rest_port: this.config.REST_PORT,
      sandbox: this.config.sandbox,
      ...addressed?.describePlace?.(),
      ...addressed?.describeHealth?.(),
    };
    const database = fault === undefined ? 'connected' : 'away';
    if (error === undefined) void reply.status(200).send({ status: 'healthy', ...about, database });
    else void reply.status(503).send({ status: 'unhealthy', ...about, database, error });
  }

  @Route({
    method: 'GET',
    path: '/healthz',
    tag: 'Operation',
    summary: 'The same, at another path',
    needs: 'public',
    isProbe: true,
    answers: HEALTH_ANSWERS,
  })
  getHealthz(request: PublicRequest): Promise<void> {
    return this.getHealth(request);
  }

  /** The process runs and answers. */
  @Route({
    method: 'GET',
    path: '/health/live',
    tag: 'Operation',
    summary: 'Say that the process answers',
    needs: 'public',
    isProbe: true,
    headers: NOT_CACHED,
    answers: PROBE_ANSWERS,
  })
  getLiveness(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  /**
   * The doors are open, which they are only once everything is migrated, and not while it stops. The
   * database is shown and does not count: all replicas share it, and a clean UNAVAILABLE serves callers
   * better than no replica at all.
   */
  @Route({
    method: 'GET',
    path: '/health/ready',
    tag: 'Operation',
    summary: 'Say whether work may be sent here',
    needs: 'public',
    isProbe: true,
    headers: NOT_CACHED,
    answers: PROBE_ANSWERS,
  })
  getReadiness(): Promise<HealthCheckResult> {
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
