import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Actions that are carried out later, the lines they stand in, and the batches they came in. */
export class Later1700000030000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE actions ADD COLUMN run_at timestamptz, ADD COLUMN batch_id uuid;
      CREATE INDEX actions_batch ON actions (batch_id) WHERE batch_id IS NOT NULL;

      -- What has to leave in order stands in one line, and one replica at a time works on a line.
      CREATE TABLE queue_lines (
        line text PRIMARY KEY,
        -- 'infinity' while a replica works on it.
        due_at timestamptz NOT NULL,
        -- Until a limit has room again, or the platform is back.
        not_before timestamptz NOT NULL DEFAULT '-infinity',
        pending integer NOT NULL,
        replica_id uuid,
        -- Different each time it is taken: a late release must not end the work of another.
        hold uuid
      );
      CREATE INDEX queue_lines_due ON queue_lines (due_at) WHERE replica_id IS NULL;
      CREATE INDEX queue_lines_empty ON queue_lines (line) WHERE pending <= 0;
      CREATE INDEX queue_lines_replica ON queue_lines (replica_id) WHERE replica_id IS NOT NULL;

      -- What a waiting action needs in full; its row in the log is the truth about it.
      CREATE TABLE queued_actions (
        id text PRIMARY KEY,
        line text NOT NULL,
        due_at timestamptz NOT NULL,
        envelope text NOT NULL
      );
      CREATE INDEX queued_actions_line ON queued_actions (line, due_at, id);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE queued_actions, queue_lines;
      ALTER TABLE actions DROP COLUMN run_at, DROP COLUMN batch_id;
    `);
  }
}
