import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Makes the end of an action cheap. No index of the log holds its status any more, and pages have room,
 * so that the outcome of a success is written beside its beginning and touches no index. What runs stands
 * in a small table of its own.
 */
export class RunningActions1700000071000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE running_actions (
        id uuid PRIMARY KEY,
        replica_id uuid NOT NULL
      )
      -- Rows live for as long as an action takes, so that nearly all of the table is dead rows.
      WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
      INSERT INTO running_actions
        SELECT id, replica_id FROM actions WHERE status = 'RUNNING' AND replica_id IS NOT NULL;

      DROP INDEX actions_running, actions_unsuccessful;
      -- For searches by a status or a text: what was refused, failed or is unknown has an error; what
      -- was rehearsed, or waits, was never begun.
      CREATE INDEX actions_with_error ON actions (id) WHERE error <> '';
      CREATE INDEX actions_unstarted ON actions (id) WHERE started_at IS NULL;

      DO $$
      DECLARE part regclass;
      BEGIN
        FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'actions'::regclass LOOP
          EXECUTE format('ALTER TABLE %s SET (fillfactor = 50)', part);
        END LOOP;
      END $$;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX actions_unstarted, actions_with_error;
      CREATE INDEX actions_unsuccessful ON actions (status, id) WHERE status <> 'SUCCEEDED';
      CREATE INDEX actions_running ON actions (replica_id) WHERE status = 'RUNNING';
      DROP TABLE running_actions;
    `);
  }
}
