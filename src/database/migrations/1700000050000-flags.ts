import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Feature flags that admins set, and changes that are told to every replica. */
export class Flags1700000050000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE FUNCTION tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('gateway_changes', TG_TABLE_NAME);
        RETURN NULL;
      END $$;

      CREATE TABLE flags (
        key text PRIMARY KEY,
        enabled boolean NOT NULL,
        reason text NOT NULL,
        changed_by text NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TRIGGER flags_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON flags
        FOR EACH STATEMENT EXECUTE FUNCTION tell_change();

      -- What an event is about, where that is no account.
      ALTER TABLE audit_events ADD COLUMN subject text NOT NULL DEFAULT '';
      CREATE INDEX audit_events_of_subject ON audit_events (subject, happened_at, id)
        WHERE subject <> '';
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX audit_events_of_subject;
      ALTER TABLE audit_events DROP COLUMN subject;
      DROP TABLE flags;
      DROP FUNCTION tell_change;
    `);
  }
}
