import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Each flag has a version that is never used again, so that a change can name the one it was decided on.
 * A trigger sets it, so that changes by replicas of an earlier release have one too.
 */
export class FlagVersions1700000140000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE SEQUENCE flag_versions AS integer;
      ALTER TABLE flags ADD COLUMN version integer NOT NULL DEFAULT nextval('flag_versions');
      CREATE FUNCTION count_version() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        NEW.version := nextval('flag_versions');
        RETURN NEW;
      END $$;
      CREATE TRIGGER flags_version BEFORE UPDATE ON flags
        FOR EACH ROW EXECUTE FUNCTION count_version();
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TRIGGER flags_version ON flags;
      DROP FUNCTION count_version;
      ALTER TABLE flags DROP COLUMN version;
      DROP SEQUENCE flag_versions;
    `);
  }
}
