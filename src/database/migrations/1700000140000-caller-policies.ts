import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a caller may cause at the platforms. Replicas of older releases do not know it, and do not enforce it. */
export class CallerPolicies1700000140000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE callers ADD COLUMN policy text
        CHECK (policy IN ('read_only', 'no_destructive_effects', 'approval_first'));
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE callers DROP COLUMN policy');
  }
}
