import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Envelopes of actions that ended without a success, so that they can be sent again. The log itself keeps
 * private parameters as their length alone.
 */
export class KeptEnvelopes1700000130000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE kept_envelopes (
        id text PRIMARY KEY,
        envelope text NOT NULL,
        -- Who sent it again: nobody else may do so as well.
        replayed_by text,
        -- The action that came of it, once it may have happened.
        replayed_as text,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX kept_envelopes_expiry ON kept_envelopes (expires_at);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE kept_envelopes');
  }
}
