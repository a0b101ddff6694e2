import { setImmediate as nextTurn } from 'node:timers/promises';
import { Controller, Inject } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import { requirePermissionOf, requireWholeGateway } from '../../callers/permissions.js';
import { isSameSecret } from '../../callers/secrets.js';
import { CONFIG, type Config } from '../../config/config.js';
import { METRICS_TYPE, renderMetrics } from '../../observability/metrics.js';
import { refuse } from '../../actions/door-refusal.js';
import { type PublicRequest, Route, typed } from '../door/route.js';
import { CallerAuthentication } from '../caller-authentication.js';
import { Gauges } from '../gauges.js';

type MetricsConfig = Pick<
  Config,
  'METRICS_TOKEN' | 'METRICS_OPEN' | 'production' | 'trustedProxies'
>;

/**
 * Figures for Prometheus. With METRICS_TOKEN they are for its bearer alone; without it for callers with
 * `read_audit`, outside production also for this machine, and with METRICS_OPEN for every client.
 */
@Controller()
export class MetricsController {
  #rendering: Promise<Buffer> | undefined;

  constructor(
    private readonly gauges: Gauges,
    private readonly authentication: CallerAuthentication,
    @Inject(CONFIG) private readonly config: MetricsConfig,
  ) {}

  @Route({
    method: 'GET',
    path: '/metrics',
    tag: 'Operation',
    summary: 'Show figures for Prometheus',
    description:
      'With `METRICS_TOKEN` set, for its bearer alone. Without it for a token or a key with the ' +
      'permission `read_audit`; outside production also for programs on the same machine, and with ' +
      '`METRICS_OPEN=true` for everybody.',
    needs: 'public',
    isProbe: true,
    answers: { 200: typed('The exposition format of Prometheus', 'text/plain') },
    refuses: [401, 403],
  })
  async getMetrics({ request, reply }: PublicRequest): Promise<void> {
    await this.#requireRight(request);
    this.#rendering ??= this.#render();
    const figures = await this.#rendering;
    void reply.type(METRICS_TYPE).send(figures);
  }

  /** One text for all who ask before its figures are read: to write it takes milliseconds. */
  async #render(): Promise<Buffer> {
    await nextTurn();
    this.#rendering = undefined;
    await this.gauges.update();
    return Buffer.from(await renderMetrics());
  }

  /** @throws DoorRefusal for a caller that may not read the figures */
  async #requireRight(request: FastifyRequest): Promise<void> {
    const { METRICS_TOKEN: token, METRICS_OPEN: isOpen } = this.config;
    const { authorization } = request.headers;
    if (token !== undefined) {
      if (isSameSecret(authorization ?? '', `Bearer ${token}`)) return;
      throw refuse.unauthenticated('The metrics need "Authorization: Bearer <METRICS_TOKEN>"');
    }
    if (isOpen || this.#isFromHere(request)) return;
    if (authorization === undefined && !this.authentication.hasSession(request)) {
      throw refuse.unauthenticated(
        'The metrics need a token or a key with the permission read_audit; or set METRICS_TOKEN, or METRICS_OPEN=true where only your own network reaches this port',
      );
    }
    const caller = await this.authentication.authenticateRest(request);
    requirePermissionOf(caller, ['read_audit']);
    requireWholeGateway(caller);
  }

  /** Outside production, a program on this machine that no proxy speaks for. */
  #isFromHere({ ip, headers }: FastifyRequest): boolean {
    const { production, trustedProxies } = this.config;
    if (production) return false;
    const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
    if (isForwarded && trustedProxies.length === 0) return false;
    return ipaddr.isValid(ip) && ipaddr.process(ip).range() === 'loopback';
  }
}
