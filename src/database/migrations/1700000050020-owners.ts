import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whose accounts, callers and actions are: what belongs to one tenant, no other gets to see. */
export class Owners1700000050020 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE accounts ADD COLUMN owner text NOT NULL DEFAULT '';
      ALTER TABLE actions ADD COLUMN owner text NOT NULL DEFAULT '';
      ALTER TABLE audit_events ADD COLUMN owner text NOT NULL DEFAULT '';
      ALTER TABLE callers ADD COLUMN owner text NOT NULL DEFAULT '';
      ALTER TABLE oauth_states ADD COLUMN caller_owner text;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE oauth_states DROP COLUMN caller_owner;
      ALTER TABLE callers DROP COLUMN owner;
      ALTER TABLE audit_events DROP COLUMN owner;
      ALTER TABLE actions DROP COLUMN owner;
      ALTER TABLE accounts DROP COLUMN owner;
    `);
  }
}
