import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which accounts hold a credential that their platform has not accepted yet. An account is unverified
 * while `unverified_version` equals `version`: a statement of an earlier release that stores or renews
 * tokens raises `version`, and so counts as before, as verified. Rows that exist count as verified.
 */
export class UnverifiedAccounts1700000090000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE accounts
        ADD COLUMN unverified_version integer,
        ADD COLUMN scopes_claimed boolean NOT NULL DEFAULT false,
        ADD COLUMN verify_at timestamptz;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE accounts
        DROP COLUMN verify_at, DROP COLUMN scopes_claimed, DROP COLUMN unverified_version;
    `);
  }
}
