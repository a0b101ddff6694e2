import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Each change of a flag has another version, so that two admins do not overwrite each other unseen. */
export class FlagVersions1700000132000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE SEQUENCE flag_versions;
      ALTER TABLE flags ADD COLUMN version bigint NOT NULL DEFAULT nextval('flag_versions');

      -- Replicas of older releases do not name it.
      CREATE FUNCTION count_flag_version() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        NEW.version := nextval('flag_versions');
        RETURN NEW;
      END $$;
      CREATE TRIGGER flags_version BEFORE UPDATE ON flags
        FOR EACH ROW EXECUTE FUNCTION count_flag_version();
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TRIGGER flags_version ON flags;
      DROP FUNCTION count_flag_version;
      ALTER TABLE flags DROP COLUMN version;
      DROP SEQUENCE flag_versions;
    `);
  }
}
