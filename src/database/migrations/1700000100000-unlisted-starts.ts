import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Every action that runs is listed in `running_actions`, also one that a replica of an older release
 * begins: it does not know the table, so a trigger lists it. Sessions that write the list themselves set
 * `action_gateway.lists_running` and do not pay for the trigger. The list says who owns a running action,
 * so the reaper needs no index and no knowledge of releases.
 */
export class UnlistedStarts1700000100000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE FUNCTION list_running_action() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO running_actions (id, replica_id) VALUES (NEW.id, NEW.replica_id)
        ON CONFLICT (id) DO UPDATE SET replica_id = excluded.replica_id
          WHERE running_actions.replica_id <> excluded.replica_id;
        RETURN NULL;
      END $$;
      CREATE TRIGGER actions_started AFTER INSERT OR UPDATE OF status ON actions
        FOR EACH ROW WHEN (
          NEW.status = 'RUNNING' AND NEW.replica_id IS NOT NULL
          AND current_setting('action_gateway.lists_running', true) IS DISTINCT FROM 'on'
        ) EXECUTE FUNCTION list_running_action();
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TRIGGER actions_started ON actions;
      DROP FUNCTION list_running_action;
    `);
  }
}
