import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Holds back new idempotency keys after the database server has changed, until every replica has written
 * again what it remembers. A server is told by when its postmaster started: a standby that takes over, a
 * restored copy and a restart all have another time than before.
 */
export class ClaimGates1700000110000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE FUNCTION current_server() RETURNS text LANGUAGE sql STABLE AS $$
        SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint::text
      $$;
      CREATE TABLE claim_gates (
        server text PRIMARY KEY,
        closed_at timestamptz NOT NULL DEFAULT now(),
        opened_at timestamptz
      );
      -- The server that carries out this migration has lost nothing.
      INSERT INTO claim_gates (server, opened_at) VALUES (current_server(), now());

      -- On which server a replica has last written again what it remembers.
      ALTER TABLE replicas ADD COLUMN restored_on text;
      UPDATE replicas SET restored_on = current_server();

      CREATE FUNCTION claims_are_open() RETURNS boolean LANGUAGE sql STABLE AS $$
        SELECT EXISTS (
          SELECT 1 FROM claim_gates WHERE server = current_server() AND opened_at IS NOT NULL
        )
      $$;
      CREATE FUNCTION require_open_claims() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
      BEGIN
        IF NOT claims_are_open() THEN
          RAISE EXCEPTION 'the database server has changed' USING ERRCODE = 'GW001';
        END IF;
        RETURN true;
      END $$;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP FUNCTION require_open_claims;
      DROP FUNCTION claims_are_open;
      ALTER TABLE replicas DROP COLUMN restored_on;
      DROP TABLE claim_gates;
      DROP FUNCTION current_server;
    `);
  }
}
