import { Flag, Integer, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class ListThreads {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;
}

class ListThreadsItem {
  @Snowflake('Id of the thread')
  id!: string;

  @Text('Its name')
  name!: string;

  @Integer('Its kind, as Discord numbers it', { min: 0 })
  type!: number;

  @Snowflake('Id of its channel', { optional: true })
  parent_id?: string;

  @Snowflake('Id of who made it')
  owner_id!: string;

  @Integer('Messages in it', { min: 0 })
  message_count!: number;

  @Flag('It is archived')
  archived!: boolean;

  @Flag('Only moderators may open it again')
  locked!: boolean;
}

interface DiscordListThreads {
  readonly id: string;
  readonly name: string;
  readonly type: number;
  readonly parent_id?: string | null;
  readonly owner_id: string;
  readonly message_count: number;
  readonly thread_metadata: { readonly archived: boolean; readonly locked: boolean };
}

/** @see https://discord.com/developers/docs/resources/guild#list-active-guild-threads */
export const listThreads = discordAction({
  type: 'list_threads',
  group: 'lookups',
  summary: 'List the active threads of a server',
  docs: 'https://discord.com/developers/docs/resources/guild#list-active-guild-threads',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: ListThreads,
  output: listOf(ListThreadsItem),
  request: ({ guild_id }) => ({
    method: 'GET',
    path: buildPath(['guilds', guild_id, 'threads', 'active']),
  }),
  response: (answer: { readonly threads: readonly DiscordListThreads[] }) => ({
    items: answer.threads.map((item) => ({
      id: item.id,
      name: item.name,
      type: item.type,
      parent_id: item.parent_id ?? undefined,
      owner_id: item.owner_id,
      message_count: item.message_count,
      archived: item.thread_metadata.archived,
      locked: item.thread_metadata.locked,
    })),
  }),
  example: {
    input: { guild_id: '800000000000000001' },
    output: {
      items: [
        {
          id: '700000000000000020',
          name: 'Plans',
          type: 11,
          parent_id: '700000000000000001',
          owner_id: '100000000000000001',
          message_count: 0,
          archived: false,
          locked: false,
        },
      ],
    },
  },
});
