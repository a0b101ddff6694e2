import type { Client } from 'pg';

/** The tables of the earlier services, with columns that take every way in which they were written. */
export async function makeEarlierTables(source: Client): Promise<void> {
  await source.query(`
    CREATE TABLE youtube_oauth_tokens (id serial PRIMARY KEY, channel_id varchar(255) UNIQUE NOT NULL,
      access_token text NOT NULL, refresh_token text, token_uri varchar(512), client_id varchar(255),
      client_secret varchar(255), scopes text, expires_at timestamp, created_at timestamp, updated_at timestamp);
    CREATE TABLE twitch_action_tokens (id serial PRIMARY KEY, broadcaster_id varchar(255) UNIQUE,
      access_token text, refresh_token text, token_type varchar(32), expires_at timestamp,
      scopes text, last_refreshed timestamp, created_at timestamp, updated_at timestamp);
    CREATE TABLE discord_actions (id serial PRIMARY KEY, action_type varchar(64), guild_id varchar(64),
      channel_id varchar(64), user_id varchar(64), success text, error_message text,
      request_data json, response_data json, created_at timestamp);
  `);
}

/** An account as a row of such a table. */
export interface EarlierRow {
  readonly id: string;
  readonly access_token: string;
  readonly refresh_token?: string;
  /** As the column holds it. */
  readonly scopes: string | null;
  readonly expires_at?: string | null;
}

export async function addEarlierRow(
  source: Client,
  platform: 'twitch' | 'youtube',
  { id, access_token, refresh_token = '', scopes, expires_at = null }: EarlierRow,
): Promise<void> {
  const [table, column] =
    platform === 'twitch'
      ? ['twitch_action_tokens', 'broadcaster_id']
      : ['youtube_oauth_tokens', 'channel_id'];
  await source.query(
    `INSERT INTO ${table} (${column}, access_token, refresh_token, scopes, expires_at, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, '2026-01-01', '2026-01-01')`,
    [id, access_token, refresh_token, scopes, expires_at],
  );
}
