import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions of people in the browser, and the codes of one-time links that begin one. */
export class Sessions1700000120000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE sessions (
        -- SHA-256 of the 256 random bits in the cookie.
        secret_hash text PRIMARY KEY,
        id uuid NOT NULL UNIQUE,
        -- What the caller was narrowed to when it signed in; what it may do now is asked each time.
        caller jsonb NOT NULL,
        -- The name of a service as its credential says it, or the id of a caller with a key.
        subject text NOT NULL,
        -- Names the key that the session was begun with: the session ends when that key is not taken any more.
        proof text NOT NULL,
        -- What the caller makes must end by then, as its token says; null for no such bound.
        bound_until timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        seen_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX sessions_expiry ON sessions (expires_at);

      CREATE FUNCTION tell_session() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('gateway_changes', 'sessions:' || OLD.secret_hash);
        RETURN NULL;
      END $$;
      CREATE TRIGGER sessions_change AFTER DELETE OR UPDATE OF expires_at, caller, proof ON sessions
        FOR EACH ROW EXECUTE FUNCTION tell_session();
      CREATE TRIGGER sessions_emptied AFTER TRUNCATE ON sessions
        FOR EACH STATEMENT EXECUTE FUNCTION tell_emptied();

      CREATE TABLE sign_in_codes (
        -- SHA-256 of the 256 random bits in the link.
        code_hash text PRIMARY KEY,
        caller jsonb NOT NULL,
        subject text NOT NULL,
        proof text NOT NULL,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX sign_in_codes_expiry ON sign_in_codes (expires_at);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE sign_in_codes, sessions;
      DROP FUNCTION tell_session;
    `);
  }
}
