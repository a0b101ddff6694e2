import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Callers with keys of their own. */
export class Callers1700000050010 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE callers (
        id text PRIMARY KEY,
        -- SHA-256 of secrets of 256 random bits, which nobody guesses however fast the hash is.
        key_hash text NOT NULL,
        former_key_hash text,
        former_key_until timestamptz,
        permissions text[] NOT NULL,
        platforms text[],
        accounts text[],
        actions text[],
        requests_per_minute integer,
        expires_at timestamptz,
        -- Tokens carry it: a higher one makes them worthless.
        epoch integer NOT NULL DEFAULT 1,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        -- The row of one that was removed stays, so that its name never means somebody else by accident.
        removed_at timestamptz,
        last_used_at timestamptz
      );
      CREATE TRIGGER callers_change AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF
          key_hash, former_key_hash, former_key_until, permissions, platforms, accounts, actions,
          requests_per_minute, expires_at, epoch, removed_at ON callers
        FOR EACH STATEMENT EXECUTE FUNCTION tell_change();
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE callers');
  }
}
