import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What finds the rare in a long log. Each is for a part of the rows alone, since every index is paid for by
 * every action: what went well has no error, and most accounts act for themselves.
 */
export class AuditDepths1700000050080 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE INDEX actions_of_actor ON actions (actor_id, id) WHERE account_id <> actor_id;
      CREATE INDEX actions_of_platform ON actions (platform, id);
      CREATE INDEX actions_of_effect ON actions (effect, id) WHERE effect <> 'create';
    `);
    // The extension comes with PostgreSQL, but a server may be without, or not allow it: a text is then
    // found as well, in more time.
    await queryRunner.query(`
      DO $$ BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX actions_of_error ON actions USING gin (error gin_trgm_ops) WHERE error <> '';
      EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
        RAISE NOTICE 'pg_trgm is not to be had: texts in errors are searched without an index';
      END $$;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX IF EXISTS actions_of_error;
      DROP INDEX actions_of_effect, actions_of_platform, actions_of_actor;
    `);
  }
}
