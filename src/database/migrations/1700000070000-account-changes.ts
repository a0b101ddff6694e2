import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every change of an account is told to all replicas, which keep its credential at hand. */
export class AccountChanges1700000070000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE FUNCTION tell_account() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        -- A row may also have got another name.
        IF TG_OP <> 'INSERT' THEN
          PERFORM pg_notify('gateway_changes', 'accounts:' || OLD.platform || '/' || OLD.account_id);
        END IF;
        IF TG_OP <> 'DELETE' THEN
          PERFORM pg_notify('gateway_changes', 'accounts:' || NEW.platform || '/' || NEW.account_id);
        END IF;
        RETURN NULL;
      END $$;
      CREATE TRIGGER accounts_change AFTER INSERT OR UPDATE OR DELETE ON accounts
        FOR EACH ROW EXECUTE FUNCTION tell_account();

      CREATE FUNCTION tell_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('gateway_changes', TG_TABLE_NAME || ':');
        RETURN NULL;
      END $$;
      CREATE TRIGGER accounts_emptied AFTER TRUNCATE ON accounts
        FOR EACH STATEMENT EXECUTE FUNCTION tell_emptied();
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TRIGGER accounts_emptied ON accounts;
      DROP TRIGGER accounts_change ON accounts;
      DROP FUNCTION tell_emptied;
      DROP FUNCTION tell_account;
    `);
  }
}
