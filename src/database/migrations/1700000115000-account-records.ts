import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Encrypted records that actions keep and must not lose: they have no end of their own. */
export class AccountRecords1700000115000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE account_records (
        platform text NOT NULL,
        account_id text NOT NULL,
        name text NOT NULL,
        value text NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (platform, account_id, name)
      );
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE account_records');
  }
}
