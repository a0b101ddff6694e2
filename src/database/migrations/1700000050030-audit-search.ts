import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the search of the log goes by. Ids are in order of time, so an index that ends with the id gives
 * the newest first; what nearly every row has in common needs none.
 */
export class AuditSearch1700000050030 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE INDEX actions_of_account ON actions (account_id, id);
      CREATE INDEX actions_of_caller ON actions (caller_id, id);
      CREATE INDEX actions_of_owner ON actions (owner, id) WHERE owner <> '';
      CREATE INDEX actions_of_request ON actions (request_id, id) WHERE request_id <> '';
      CREATE INDEX actions_unsuccessful ON actions (status, id) WHERE status <> 'SUCCEEDED';
      CREATE INDEX actions_of_failure ON actions ((failure ->> 'code'), id) WHERE failure IS NOT NULL;
      CREATE INDEX actions_of_type ON actions (action_type, id);
      CREATE INDEX audit_events_in_time ON audit_events (happened_at, id);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX audit_events_in_time, actions_of_type, actions_of_failure, actions_unsuccessful, actions_of_request,
        actions_of_owner, actions_of_caller, actions_of_account;
    `);
  }
}
