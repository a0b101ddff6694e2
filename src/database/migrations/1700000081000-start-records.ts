import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a start compares itself with: a value encrypted with each encryption key in use, and the address
 * of the sandbox that the replicas share.
 */
export class StartRecords1700000081000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE key_canaries (
        key_id text PRIMARY KEY,
        sealed text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE shared_sandbox (
        id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
        url text NOT NULL,
        host text NOT NULL
      );
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE key_canaries, shared_sandbox');
  }
}
