import { subscribe } from 'node:diagnostics_channel';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { COMMITS, type Commit } from '../database/group-commit.js';

/** One registry for the process: what is measured is the process. */
const registry = new Registry();
const registers = [registry];

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Every metric of the gateway: its name, what it says and its labels. Values of labels come from the
 * catalogue and from lists of ours, never from a request: what is not known there is called "other".
 */
export const METRICS = {
  actions: new Counter({
    name: 'gateway_actions_total',
    help: 'Actions by what became of them; replayed ones gave the stored answer of an earlier one',
    labelNames: ['platform', 'type', 'outcome', 'failure', 'replayed'] as const,
    registers,
  }),
  duration: new Histogram({
    name: 'gateway_action_duration_seconds',
    help: 'Time of an action, in the gateway (its waits included) and at the platform',
    labelNames: ['platform', 'part'] as const,
    buckets: SECONDS,
    registers,
  }),
  reads: new Counter({
    name: 'gateway_reads_total',
    help: 'Answers to reads by where they came from: the platform, memory, another read under way',
    labelNames: ['platform', 'from'] as const,
    registers,
  }),
  retries: new Counter({
    name: 'gateway_retries_total',
    help: 'Requests that were sent again',
    labelNames: ['platform'] as const,
    registers,
  }),
  tokenRefreshes: new Counter({
    name: 'gateway_token_refreshes_total',
    help: 'Renewals of tokens by what the platform said: renewed, dead, unclear',
    labelNames: ['platform', 'result'] as const,
    registers,
  }),
  refused: new Counter({
    name: 'gateway_refused_total',
    help: 'Calls that were kept out at a door, for their token or for a lack of permission',
    labelNames: ['area'] as const,
    registers,
  }),
  wrongCredentials: new Counter({
    name: 'gateway_wrong_credentials_total',
    help: 'Wrong tokens, keys and secrets; "limited" ones were answered with 429 and not logged one by one',
    labelNames: ['answer'] as const,
    registers,
  }),
  heldBytes: new Gauge({
    name: 'gateway_held_bytes',
    help: 'Bytes held for callers: unread answers, unfinished messages (of known and of unknown callers), files under way',
    labelNames: ['kind'] as const,
    registers,
  }),
  heldBytesLimit: new Gauge({
    name: 'gateway_held_bytes_limit',
    help: 'The bound of gateway_held_bytes',
    labelNames: ['kind'] as const,
    registers,
  }),
  openRequests: new Gauge({
    name: 'gateway_requests_open',
    help: 'Requests and calls under way in this replica, the waiting ones included',
    registers,
  }),
  openRequestsLimit: new Gauge({
    name: 'gateway_requests_open_limit',
    help: 'The bound of gateway_requests_open; 0 is none',
    registers,
  }),
  waitingForFiles: new Gauge({
    name: 'gateway_files_waiting',
    help: 'Actions that wait until bytes for their files are free',
    registers,
  }),
  dropped: new Counter({
    name: 'gateway_dropped_total',
    help: 'Answers, messages and requests that were dropped at a bound of this replica',
    labelNames: ['kind'] as const,
    registers,
  }),
  running: new Gauge({
    name: 'gateway_actions_running',
    help: 'Actions under way in this replica',
    registers,
  }),
  waitingForWorker: new Gauge({
    name: 'gateway_actions_waiting',
    help: 'Actions that wait for a worker of this replica',
    registers,
  }),
  breakerOpen: new Gauge({
    name: 'gateway_breaker_open',
    help: '1 while a platform is out of order and left alone, 0.5 while it is tried again, else 0',
    labelNames: ['breaker'] as const,
    registers,
  }),
  limitLeft: new Gauge({
    name: 'gateway_limit_left_ratio',
    help: 'What is left of a limit, 0 to 1, of the account that has the least',
    labelNames: ['platform', 'limit'] as const,
    registers,
  }),
  queueDepth: new Gauge({
    name: 'gateway_queue_depth',
    help: 'Actions that wait for their turn or their time, of all replicas',
    registers,
  }),
  queueAge: new Gauge({
    name: 'gateway_queue_age_seconds',
    help: 'How long the longest overdue line has been due',
    registers,
  }),
  callbacks: new Gauge({
    name: 'gateway_callbacks',
    help: 'Callbacks by state, of all replicas',
    labelNames: ['state'] as const,
    registers,
  }),
  databaseUp: new Gauge({
    name: 'gateway_database_up',
    help: '1 while the database answers',
    registers,
  }),
  lostPasts: new Counter({
    name: 'gateway_lost_pasts_total',
    help: 'How often the database had lost outcomes that it had acknowledged, as after a failover',
    registers,
  }),
  rewrittenOutcomes: new Counter({
    name: 'gateway_rewritten_actions_total',
    help: 'Actions that were missing after such a loss and were written again from memory',
    registers,
  }),
  clockSkew: new Gauge({
    name: 'gateway_clock_skew_seconds',
    help: "How far this machine's clock is ahead of the database's",
    registers,
  }),
  connections: new Gauge({
    name: 'gateway_database_connections',
    help: 'Connections of the pool: busy, idle, and callers who wait for one',
    labelNames: ['state'] as const,
    registers,
  }),
  commitItems: new Histogram({
    name: 'gateway_commit_items',
    help: 'How many rows were committed together',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    registers,
  }),
} as const;

interface QuotaGauges {
  readonly left: Gauge;
  readonly limit: Gauge;
}

const quotas = new Map<string, QuotaGauges>();

/** The gauges of a platform's daily quota. @param platform its name, @param title for people */
export function quotaGauges(platform: string, title: string): QuotaGauges {
  const known = quotas.get(platform);
  if (known) return known;
  const made = {
    left: new Gauge({
      name: `gateway_${platform}_quota_units_left`,
      help: `Units of the ${title} project that are left today`,
      registers,
    }),
    limit: new Gauge({
      name: `gateway_${platform}_quota_units_limit`,
      help: `Units of the ${title} project in a day`,
      registers,
    }),
  };
  quotas.set(platform, made);
  return made;
}

/** The content type of the exposition. */
export const METRICS_TYPE = registry.contentType;

/** Starts to measure the process itself: memory, garbage collection, event loop, commits. */
export function measureProcess(): void {
  collectDefaultMetrics({ register: registry });
  subscribe(COMMITS, (commit) => METRICS.commitItems.observe((commit as Commit).items));
}

/** Everything measured, as Prometheus reads it. */
export function renderMetrics(): Promise<string> {
  return registry.metrics();
}
