import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Callers get identities that are never used again. New callers with keys have an id of their own and
 * a name beside it; rows written before keep the ids they have, and `callers.name` is null for those.
 * No row of the log is touched: an id in it means the same caller as before. Statements of releases
 * before this one go on working: they write no name, and find callers by their ids.
 */
export class CallerIdentities1700000080000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE callers ADD COLUMN name text;
      CREATE UNIQUE INDEX callers_named ON callers (owner, (COALESCE(name, id)))
        WHERE removed_at IS NULL;

      -- Entries of PREDECESSOR_TRUST that wrote rows under their bare name before identities were.
      CREATE TABLE former_trusted_names (name text PRIMARY KEY);
      -- The first gateway of this release fills it from its settings and removes this row.
      CREATE TABLE former_trusted_names_open (is_open boolean PRIMARY KEY CHECK (is_open));
      INSERT INTO former_trusted_names_open SELECT true WHERE EXISTS (SELECT 1 FROM actions);

      -- The caller as it was when a consent was asked for; null for one that an older release began.
      ALTER TABLE oauth_states ADD COLUMN caller jsonb;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE oauth_states DROP COLUMN caller;
      DROP TABLE former_trusted_names_open, former_trusted_names;
      DROP INDEX callers_named;
      ALTER TABLE callers DROP COLUMN name;
    `);
  }
}
