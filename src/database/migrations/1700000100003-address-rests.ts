import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Platforms that block the address of the gateways, and until when. Every replica is told of a change. */
export class AddressRests1700000100003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE address_rests (
        service text PRIMARY KEY,
        title text NOT NULL,
        reason text NOT NULL,
        until timestamptz NOT NULL
      );
      CREATE FUNCTION tell_address_rests() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('gateway_changes', 'address_rests');
        RETURN NULL;
      END $$;
      CREATE TRIGGER address_rests_change AFTER INSERT OR UPDATE OR DELETE ON address_rests
        FOR EACH STATEMENT EXECUTE FUNCTION tell_address_rests();
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE address_rests; DROP FUNCTION tell_address_rests;');
  }
}
