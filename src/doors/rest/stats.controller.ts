import { Controller, Inject } from '@nestjs/common';
import { Accounts } from '../../accounts/accounts.js';
import { ActionLog } from '../../journal/action-log.js';
import { ActionQueue } from '../../queue/action-queue.js';
import { requireWholeGateway } from '../../callers/permissions.js';
import { CONFIG, type Config } from '../../config/config.js';
import { databaseClock } from '../../config/database-clock.js';
import { MODULE_NAME, VERSION } from '../../config/version.js';
import { Executor } from '../../execution/executor.js';
import { STATUS } from '../contracts/action-schemas.js';
import { json, Route, type RouteRequest } from '../door/route.js';
import { defineSchema, TEXT, TIME, WHOLE, YES_NO } from '../door/schema.js';
import { Dialects } from '../door/dialects.js';
import { DOOR_PORTS } from './health.controller.js';

const DAY_MS = 86_400_000;

const STATS = defineSchema<object>('Stats', {
  type: 'object',
  required: ['module', 'version', 'stats', 'timestamp', 'sandbox'],
  properties: {
    module: TEXT,
    version: TEXT,
    timestamp: TIME,
    stats: {
      type: 'object',
      required: [
        'registered_broadcasters',
        'grpc_port',
        'rest_port',
        'running',
        'waiting',
        'queue',
        'last_24_hours',
      ],
      properties: {
        registered_broadcasters: { ...WHOLE, description: 'Connected Twitch accounts' },
        ...DOOR_PORTS,
        running: { ...WHOLE, description: 'Actions of this replica under way' },
        waiting: { ...WHOLE, description: 'Actions of this replica that wait for a worker' },
        queue: {
          type: 'object',
          description: 'What all replicas have to carry out later',
          required: ['waiting', 'lines', 'working', 'late_ms'],
          properties: {
            waiting: { ...WHOLE, description: 'Actions, scheduled ones included' },
            lines: { ...WHOLE, description: 'Lines they stand in, each in its own order' },
            working: { ...WHOLE, description: 'Lines that a replica works on' },
            late_ms: {
              ...WHOLE,
              description:
                'Milliseconds that the oldest line that no replica works on has been due',
            },
          },
        },
        last_24_hours: {
          type: 'object',
          propertyNames: STATUS,
          additionalProperties: WHOLE,
          description: 'Actions of all replicas by status',
        },
      },
    },
    sandbox: YES_NO,
  },
});

/** Figures for people; machines read the metrics. */
@Controller()
export class StatsController {
  constructor(
    private readonly accounts: Accounts,
    private readonly log: ActionLog,
    private readonly queue: ActionQueue,
    private readonly executor: Executor,
    private readonly dialects: Dialects,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Route({
    method: 'GET',
    path: '/api/v1/stats',
    tag: 'Operation',
    summary: 'Show figures for people',
    needs: 'caller',
    weight: 5,
    answers: { 200: json('The figures', STATS) },
  })
  async getStats({ caller, request }: RouteRequest): Promise<object> {
    requireWholeGateway(caller);
    const [registered, counts, queue] = await Promise.all([
      this.accounts.count('twitch'),
      this.log.countSince(new Date(databaseClock.now() - DAY_MS)),
      this.queue.count(),
    ]);
    const addressed = this.dialects.findAddressed(request);
    const { version = VERSION, ...ports } = addressed?.describePlace?.() ?? {
      grpc_port: this.config.GRPC_PORT,
      rest_port: this.config.REST_PORT,
    };
    return {
      module: addressed?.module ?? MODULE_NAME,
      version,
      stats: {
        registered_broadcasters: registered,
        ...ports,
        ...this.executor.load,
        queue,
        last_24_hours: counts,
      },
      timestamp: new Date().toISOString(),
      sandbox: this.config.sandbox,
    };
  }
}
