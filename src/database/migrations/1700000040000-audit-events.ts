import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What happened to accounts; kept when they are connected again, and when they are removed. */
export class AuditEvents1700000040000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE audit_events (
        id uuid PRIMARY KEY,
        happened_at timestamptz NOT NULL DEFAULT now(),
        kind text NOT NULL,
        -- Empty for the gateway itself.
        caller_id text NOT NULL,
        platform text NOT NULL,
        account_id text NOT NULL,
        reason text NOT NULL DEFAULT '',
        details jsonb NOT NULL DEFAULT '{}'
      );
      CREATE INDEX audit_events_of_account
        ON audit_events (platform, account_id, happened_at, id);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE audit_events');
  }
}
