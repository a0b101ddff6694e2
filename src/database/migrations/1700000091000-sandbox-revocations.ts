import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Hashes of tokens that were revoked in the sandbox. The sandbox forgets its grants when its process
 * ends; at the next start they are restored from the accounts, and these are not.
 */
export class SandboxRevocations1700000091000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE sandbox_revocations (
        token_hash text PRIMARY KEY,
        revoked_at timestamptz NOT NULL DEFAULT now()
      );
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE sandbox_revocations');
  }
}
