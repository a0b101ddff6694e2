import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The OAuth client of an account's own, and the questions that people are sent to a platform with. */
export class ConnectedAccounts1700000010000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE accounts ADD COLUMN client_id text, ADD COLUMN client_secret text;

      CREATE TABLE oauth_states (
        state_hash text PRIMARY KEY,
        platform text NOT NULL,
        caller_id text NOT NULL,
        -- Account ids that the caller's token was narrowed to; null for any.
        caller_accounts text[],
        account_id text,
        scopes text[] NOT NULL,
        redirect_uri text NOT NULL,
        code_verifier text,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz
      );
      CREATE INDEX oauth_states_expiry ON oauth_states (expires_at);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE oauth_states;
      ALTER TABLE accounts DROP COLUMN client_id, DROP COLUMN client_secret;
    `);
  }
}
