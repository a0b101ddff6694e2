import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { LEASE_SECONDS, ReplicaLease } from './replica-lease.js';

/** A replica that lives. */
export interface ReplicaReport {
  readonly id: string;
  readonly host: string;
  /** Empty for a release that did not say. */
  readonly version: string;
  readonly started_at: Date;
  /** When it last renewed its lease. */
  readonly seen_at: Date;
  /** Whether it is the one that answers. */
  readonly is_this: boolean;
}

/** The replicas of the cluster. */
@Injectable()
export class Replicas {
  constructor(
    private readonly database: Database,
    private readonly lease: ReplicaLease,
  ) {}

  async list(): Promise<ReplicaReport[]> {
    return this.database.query<ReplicaReport>(
      `SELECT id, split_part(host, ' ', 1) AS host, COALESCE(version, '') AS version, started_at,
         lease_until - make_interval(secs => $2) AS seen_at, id = $1 AS is_this
       FROM replicas WHERE lease_until > now() ORDER BY started_at, id`,
      [this.lease.id, LEASE_SECONDS],
    );
  }
}
