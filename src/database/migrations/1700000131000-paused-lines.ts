import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lines that wait until a person lets them go on, and what a replica says of itself. */
export class PausedLines1700000131000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE paused_lines (
        line text PRIMARY KEY,
        -- The tenant of who paused it; empty for none.
        owner text NOT NULL,
        paused_by text NOT NULL,
        reason text NOT NULL,
        paused_at timestamptz NOT NULL DEFAULT now()
      );
      ALTER TABLE replicas ADD COLUMN version text;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE replicas DROP COLUMN version;
      DROP TABLE paused_lines;
    `);
  }
}
