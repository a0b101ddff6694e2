import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was asked of media, who works on it, and whom to tell what came of it. */
export class MediaJobs1700000062000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE media_jobs (
        id text PRIMARY KEY,
        caller_id text NOT NULL,
        client_id text,
        url text NOT NULL,
        is_queued boolean NOT NULL,
        state text NOT NULL CHECK (state IN ('queued', 'running', 'done')),
        replica_id uuid,
        pid integer NOT NULL,
        tries integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz,
        code integer,
        answer jsonb,
        webhook_url text,
        webhook_state text NOT NULL DEFAULT 'none'
          CHECK (webhook_state IN ('none', 'due', 'delivered', 'dead')),
        webhook_tries integer NOT NULL DEFAULT 0,
        webhook_next_at timestamptz,
        webhook_error text NOT NULL DEFAULT ''
      );
      CREATE INDEX media_jobs_queued ON media_jobs (created_at) WHERE state = 'queued';
      CREATE INDEX media_jobs_running ON media_jobs (replica_id) WHERE state = 'running';
      CREATE INDEX media_jobs_of_caller ON media_jobs (caller_id, created_at);
      CREATE INDEX media_jobs_webhooks ON media_jobs (webhook_next_at) WHERE webhook_state = 'due';
      CREATE INDEX media_jobs_finished ON media_jobs (finished_at) WHERE finished_at IS NOT NULL;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE media_jobs');
  }
}
