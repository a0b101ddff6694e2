import { Controller, Get, Headers, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../../config/config.js';
import { METRICS_TYPE, renderMetrics } from '../../observability/metrics.js';
import { isSameSecret } from '../../callers/secrets.js';
import { Public } from '../caller.guard.js';
import { Gauges } from '../gauges.js';
import { refuse } from '../../actions/door-refusal.js';

/** Figures for Prometheus. Open, like the earlier services', unless a token is set. */
@Public()
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly gauges: Gauges,
    @Inject(CONFIG) private readonly config: Pick<Config, 'METRICS_TOKEN'>,
  ) {}

  @Get()
  async show(
    @Headers('authorization') authorization: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { METRICS_TOKEN: token } = this.config;
    if (token !== undefined && !isSameSecret(authorization ?? '', `Bearer ${token}`))
      throw refuse.unauthenticated('The metrics need "Authorization: Bearer <METRICS_TOKEN>"');
    await this.gauges.update();
    void reply.type(METRICS_TYPE).send(await renderMetrics());
  }
}
