import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Links by which the owner of a channel connects it without a login at the gateway. */
export class ConnectLinks1700000133000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE connect_links (
        id uuid PRIMARY KEY,
        -- A reader of the table cannot open a link.
        secret_hash text NOT NULL UNIQUE,
        platform text NOT NULL,
        -- Null for whichever the person chooses.
        account_id text,
        groups text[],
        return_to text,
        caller_id text NOT NULL,
        owner text NOT NULL,
        -- Who asks, and within which bounds.
        caller jsonb NOT NULL,
        state text NOT NULL DEFAULT 'pending',
        error text NOT NULL DEFAULT '',
        connected_id text,
        created_at timestamptz NOT NULL DEFAULT now(),
        opened_at timestamptz,
        -- While an answer of the platform is taken: a second one waits.
        answering_since timestamptz,
        settled_at timestamptz,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX connect_links_expiry ON connect_links (expires_at);
      ALTER TABLE oauth_states ADD COLUMN link_id uuid;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE oauth_states DROP COLUMN link_id;
      DROP TABLE connect_links;
    `);
  }
}
