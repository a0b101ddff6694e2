import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What actions keep for later ones: ids that a platform gives once and never lists. */
export class AccountMemory1700000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE account_memory (
        platform text NOT NULL,
        account_id text NOT NULL,
        name text NOT NULL,
        value text NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (platform, account_id, name)
      );
      CREATE INDEX account_memory_expiry ON account_memory (expires_at);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE account_memory');
  }
}
