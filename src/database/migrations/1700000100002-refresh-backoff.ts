import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One backoff for the renewals of an account in the whole cluster. It is about one credential: a newer
 * version, or another token of a credential service, begins without it.
 */
export class RefreshBackoff1700000100002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE accounts
        ADD COLUMN refresh_failures integer NOT NULL DEFAULT 0,
        ADD COLUMN refresh_backoff_until timestamptz,
        ADD COLUMN refresh_backoff_version integer;
      ALTER TABLE resolved_credentials
        ADD COLUMN refresh_failures integer NOT NULL DEFAULT 0,
        ADD COLUMN refresh_backoff_until timestamptz,
        ADD COLUMN refresh_backoff_hash text;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE accounts DROP COLUMN refresh_failures, DROP COLUMN refresh_backoff_until,
        DROP COLUMN refresh_backoff_version;
      ALTER TABLE resolved_credentials DROP COLUMN refresh_failures,
        DROP COLUMN refresh_backoff_until, DROP COLUMN refresh_backoff_hash;
    `);
  }
}
