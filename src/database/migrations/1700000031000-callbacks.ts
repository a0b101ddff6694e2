import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whom to tell what became of an action, and whether they took it. */
export class Callbacks1700000031000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE callbacks (
        action_id text PRIMARY KEY,
        caller_id text NOT NULL,
        url text NOT NULL,
        state text NOT NULL DEFAULT 'waiting'
          CHECK (state IN ('waiting', 'due', 'delivered', 'dead')),
        tries integer NOT NULL DEFAULT 0,
        next_at timestamptz,
        last_error text NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL DEFAULT now(),
        settled_at timestamptz
      );
      CREATE INDEX callbacks_due ON callbacks (next_at) WHERE state = 'due';
      CREATE INDEX callbacks_dead ON callbacks (action_id) WHERE state = 'dead';
      CREATE INDEX callbacks_settled ON callbacks (settled_at) WHERE settled_at IS NOT NULL;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE callbacks');
  }
}
