import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts, the action log, idempotency keys, replicas and the stamp. */
export class FirstHouse1700000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE stamp (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        kind text NOT NULL CHECK (kind IN ('real', 'sandbox')),
        stamped_at timestamptz NOT NULL DEFAULT now()
      );

      CREATE TABLE accounts (
        platform text NOT NULL,
        account_id text NOT NULL,
        login text NOT NULL DEFAULT '',
        access_token text NOT NULL,
        refresh_token text,
        scopes text[] NOT NULL DEFAULT '{}',
        expires_at timestamptz,
        reconnect_reason text,
        version integer NOT NULL DEFAULT 1,
        refresh_holder uuid,
        refresh_until timestamptz,
        refreshed_at timestamptz,
        validated_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (platform, account_id)
      );

      CREATE TABLE replicas (
        id uuid PRIMARY KEY,
        host text NOT NULL,
        pid integer NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now(),
        lease_until timestamptz NOT NULL
      );

      CREATE TABLE actions (
        id uuid NOT NULL,
        platform text NOT NULL,
        action_type text NOT NULL,
        account_id text NOT NULL,
        actor_id text NOT NULL,
        effect text NOT NULL,
        status text NOT NULL,
        message text NOT NULL DEFAULT '',
        error text NOT NULL DEFAULT '',
        failure json,
        parameters jsonb NOT NULL DEFAULT '{}',
        result json,
        caller_id text NOT NULL,
        door text NOT NULL,
        request_id text NOT NULL DEFAULT '',
        trace_id text NOT NULL DEFAULT '',
        idempotency_key text,
        priority text NOT NULL DEFAULT 'NORMAL',
        attempts smallint NOT NULL DEFAULT 0,
        sandbox boolean NOT NULL,
        replica_id uuid,
        received_at timestamptz NOT NULL,
        started_at timestamptz,
        finished_at timestamptz,
        PRIMARY KEY (id)
      ) PARTITION BY RANGE (id);

      -- Rows of a month whose partition was not made in time; nothing is ever refused for that.
      CREATE TABLE actions_rest PARTITION OF actions DEFAULT;

      -- What the reaper looks for: begun by a replica that may be dead.
      CREATE INDEX actions_running ON actions (replica_id) WHERE status = 'RUNNING';

      CREATE TABLE idempotency_keys (
        caller_id text NOT NULL,
        key text NOT NULL,
        fingerprint text NOT NULL,
        action_id uuid NOT NULL,
        answer text,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (caller_id, key)
      );
      CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE idempotency_keys, actions, replicas, accounts, stamp');
  }
}
