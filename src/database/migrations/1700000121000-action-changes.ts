import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Each row of the log names the transaction that changed it last, so that a reader finds what has changed
 * since another moment. Transactions do not commit in the order of their ids, so a reader reads up to the
 * oldest that is still open (`pg_snapshot_xmin`), and skips nothing that commits late.
 *
 * The index is BRIN: rows come in the order of these ids, and from PostgreSQL 16 on such an index lets an
 * update stay on its page (HOT). Rows written before have no id, and are told once they change.
 */
export class ActionChanges1700000121000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE actions ADD COLUMN changed_in bigint;
      -- After the column is there: rows of before are not rewritten.
      ALTER TABLE actions ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id()::text::bigint;
      CREATE INDEX actions_changed ON actions USING brin (changed_in)
        WITH (pages_per_range = 64, autosummarize = on);

      CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        NEW.changed_in := pg_current_xact_id()::text::bigint;
        RETURN NEW;
      END $$;
      CREATE TRIGGER actions_note_change BEFORE UPDATE ON actions
        FOR EACH ROW EXECUTE FUNCTION note_change();
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TRIGGER actions_note_change ON actions;
      DROP FUNCTION note_change;
      DROP INDEX actions_changed;
      ALTER TABLE actions DROP COLUMN changed_in;
    `);
  }
}
