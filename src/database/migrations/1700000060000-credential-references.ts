import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Credentials by reference: what others hold for us, and what we hold for others. */
export class CredentialReferences1700000060000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE accounts ADD COLUMN credential_ref text;
      ALTER TABLE accounts ALTER COLUMN access_token DROP NOT NULL;
      -- Tokens are held here, or somewhere else; never in both places, which would drift apart.
      ALTER TABLE accounts ADD CONSTRAINT accounts_hold_or_refer
        CHECK ((access_token IS NULL) = (credential_ref IS NOT NULL));

      -- What others ask us for: a name in the hands of one customer, for one account of theirs.
      CREATE TABLE credential_references (
        owner text NOT NULL,
        credential_ref text NOT NULL,
        platform text NOT NULL,
        account_id text NOT NULL,
        posting_identity text,
        metadata jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (owner, credential_ref)
      );
      CREATE INDEX credential_references_of_account ON credential_references (owner, platform, account_id);

      -- What we know of references that others resolve for us. Tokens are found by their SHA-256.
      CREATE TABLE resolved_credentials (
        customer text NOT NULL,
        credential_ref text NOT NULL,
        proven_hash text,
        account_id text,
        login text,
        scopes text[],
        proven_at timestamptz,
        -- A renewal of ours, until the service itself has a newer token.
        replaced_hash text,
        renewed_hash text,
        access_token text,
        refresh_token text,
        generation integer NOT NULL DEFAULT 0,
        refresh_holder uuid,
        refresh_until timestamptz,
        PRIMARY KEY (customer, credential_ref)
      );
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE resolved_credentials;
      DROP TABLE credential_references;
      DELETE FROM accounts WHERE access_token IS NULL;
      ALTER TABLE accounts DROP CONSTRAINT accounts_hold_or_refer;
      ALTER TABLE accounts ALTER COLUMN access_token SET NOT NULL;
      ALTER TABLE accounts DROP COLUMN credential_ref;
    `);
  }
}
