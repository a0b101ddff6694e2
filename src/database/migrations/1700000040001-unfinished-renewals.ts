import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a renewal must know of the row it began with, and of the renewals before it. */
export class UnfinishedRenewals1700000040001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE accounts
        ADD COLUMN row_id uuid NOT NULL DEFAULT gen_random_uuid(),
        ADD COLUMN refresh_attempts integer NOT NULL DEFAULT 0;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'ALTER TABLE accounts DROP COLUMN row_id, DROP COLUMN refresh_attempts',
    );
  }
}
