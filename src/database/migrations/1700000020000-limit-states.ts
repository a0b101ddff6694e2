import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What every replica counts against: the limits of platforms, the budgets of callers. */
export class LimitStates1700000020000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE limit_states (
        -- In the order of its bytes everywhere, since rows are locked in that order.
        bucket text COLLATE "C" PRIMARY KEY,
        kind text NOT NULL DEFAULT '',
        account_id text NOT NULL DEFAULT '',
        state json,
        expires_at timestamptz NOT NULL DEFAULT now() + interval '1 hour'
      )
      -- No index but the key, and room in every page: an update stays in its page.
      WITH (fillfactor = 50);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE limit_states');
  }
}
