import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Lists the actions that were begun before the trigger was there, such as those of replicas that served
 * beside the migration which made `running_actions`. It reads the log once and locks nothing, so it has a
 * transaction of its own.
 */
export class ListUnlisted1700000100001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      INSERT INTO running_actions (id, replica_id)
      SELECT id, replica_id FROM actions WHERE status = 'RUNNING' AND replica_id IS NOT NULL
      ON CONFLICT (id) DO NOTHING
    `);
  }

  /** What is listed stays listed: it runs, or the reaper takes it out. */
  async down(): Promise<void> {}
}
