// Real: discord.js with its REST managers, and @discordjs/rest, over HTTP. Fake: Discord, as this project simulates it.
import { REST } from '@discordjs/rest';
import {
  ChannelType,
  Client,
  type ClientUser,
  type Guild,
  GuildScheduledEventEntityType,
  type TextChannel,
} from 'discord.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

const GUILD = '800000000000000001';
const CHANNEL = '700000000000000001';
const MEMBER = '200000000000000001';
const REGULAR = '600000000000000003';
const MESSAGE = '1300000000000000001';
/** A picture of one pixel. */
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==';

let sandbox: TestSandbox;
let client: Client;
let rest: REST;
let guild: Guild;
let channel: TextChannel;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  const { DISCORD_API_URL: apiUrl = '', DISCORD_BOT_TOKEN: botToken = '' } = sandbox.env;
  const [, api = '', version = '10'] = /^(.*)\/v(\d+)$/.exec(apiUrl) ?? [];
  rest = new REST({ api, version }).setToken(botToken);
  client = new Client({ intents: [], rest: { api, version } });
  // The client is not logged in at the gateway of Discord: what it asks by REST needs the token alone.
  client.token = botToken;
  client.rest.setToken(botToken);
  const { id } = (await rest.get('/users/@me')) as { id: string };
  client.user = (await client.users.fetch(id)) as ClientUser;
  guild = await client.guilds.fetch(GUILD);
  channel = (await guild.channels.fetch(CHANNEL)) as TextChannel;
});

afterAll(async () => {
  await client?.destroy();
  await sandbox?.close();
});

/** A method of the library: what it writes, and what is seen of it by what it reads. */
type Case = readonly [method: string, act: () => Promise<unknown>, expected: unknown];

const READS: readonly Case[] = [
  ['guilds.fetch', async () => (await client.guilds.fetch(GUILD)).id, GUILD],
  ['guilds.fetch (all)', async () => (await client.guilds.fetch()).has(GUILD), true],
  ['channels.fetch (all)', async () => (await guild.channels.fetch()).has(CHANNEL), true],
  ['roles.fetch', async () => (await guild.roles.fetch()).has(REGULAR), true],
  ['members.fetch', async () => (await guild.members.fetch(MEMBER)).user.username, 'member_one'],
  ['members.list', async () => (await guild.members.list({ limit: 100 })).has(MEMBER), true],
  ['members.search', async () => (await guild.members.search({ query: 'member_o' })).size, 1],
  ['messages.fetch', async () => (await channel.messages.fetch(MESSAGE)).id, MESSAGE],
  [
    'messages.fetch (all)',
    async () => (await channel.messages.fetch({ limit: 50 })).size > 0,
    true,
  ],
  ['bans.fetch', async () => (await guild.bans.fetch()).size >= 0, true],
  ['invites.fetch', async () => (await guild.invites.fetch()).size >= 0, true],
  ['emojis.fetch', async () => (await guild.emojis.fetch()).size >= 0, true],
  ['stickers.fetch', async () => (await guild.stickers.fetch()).size >= 0, true],
  ['scheduledEvents.fetch', async () => (await guild.scheduledEvents.fetch()).size >= 0, true],
  [
    'autoModerationRules.fetch',
    async () => (await guild.autoModerationRules.fetch()).size >= 0,
    true,
  ],
  ['channel.fetchWebhooks', async () => (await channel.fetchWebhooks()).size >= 0, true],
  ['guild.fetchAuditLogs', async () => (await guild.fetchAuditLogs()).entries.size >= 0, true],
  ['users.fetch', async () => (await client.users.fetch(MEMBER)).username, 'member_one'],
  [
    '@discordjs/rest @me',
    async () => ((await rest.get('/users/@me')) as { bot: boolean }).bot,
    true,
  ],
];

const WRITES: readonly Case[] = [
  [
    'channel.send',
    async () => {
      const { id } = await channel.send('hello');
      return (await channel.messages.fetch({ message: id, force: true })).content;
    },
    'hello',
  ],
  [
    'message.edit',
    async () => {
      const message = await channel.send('first');
      await message.edit('second');
      return (await channel.messages.fetch({ message: message.id, force: true })).content;
    },
    'second',
  ],
  [
    'message.reply',
    async () => {
      const message = await channel.send('ask');
      return (await message.reply('answer')).reference?.messageId === message.id;
    },
    true,
  ],
  [
    'message.delete',
    async () => {
      const message = await channel.send('gone');
      await message.delete();
      return channel.messages.fetch({ message: message.id, force: true }).then(
        () => true,
        () => false,
      );
    },
    false,
  ],
  [
    'message.pin',
    async () => {
      const message = await channel.send('pinned');
      await message.pin();
      return (await channel.messages.fetch({ message: message.id, force: true })).pinned;
    },
    true,
  ],
  [
    'message.react',
    async () => {
      const message = await channel.send('like');
      await message.react('👍');
      return (await channel.messages.fetch({ message: message.id, force: true })).reactions.cache
        .size;
    },
    1,
  ],
  [
    'messages.bulkDelete',
    async () => {
      const sent = [await channel.send('a'), await channel.send('b')];
      return (await channel.bulkDelete(sent)).size;
    },
    2,
  ],
  [
    'channels.create',
    async () => {
      const { id } = await guild.channels.create({ name: 'made', topic: 'by discord.js' });
      return ((await client.channels.fetch(id, { force: true })) as TextChannel).topic;
    },
    'by discord.js',
  ],
  [
    'channel.setTopic',
    async () => {
      await channel.setTopic('another');
      return ((await client.channels.fetch(CHANNEL, { force: true })) as TextChannel).topic;
    },
    'another',
  ],
  [
    'channel.permissionOverwrites.edit',
    async () => {
      await channel.permissionOverwrites.edit(REGULAR, { SendMessages: false });
      const again = (await client.channels.fetch(CHANNEL, { force: true })) as TextChannel;
      return again.permissionOverwrites.cache.get(REGULAR)?.deny.has('SendMessages');
    },
    true,
  ],
  [
    'channel.permissionOverwrites.delete',
    async () => {
      await channel.permissionOverwrites.delete(REGULAR);
      const again = (await client.channels.fetch(CHANNEL, { force: true })) as TextChannel;
      return again.permissionOverwrites.cache.has(REGULAR);
    },
    false,
  ],
  [
    'channel.delete',
    async () => {
      const made = await guild.channels.create({ name: 'short-lived' });
      await made.delete();
      return client.channels.fetch(made.id, { force: true }).then(
        () => true,
        () => false,
      );
    },
    false,
  ],
  [
    'roles.create',
    async () => {
      const { id } = await guild.roles.create({ name: 'Made', colors: { primaryColor: 0x123456 } });
      return (await guild.roles.fetch(id, { force: true }))?.name;
    },
    'Made',
  ],
  [
    'role.setName',
    async () => {
      const role = await guild.roles.create({ name: 'Old' });
      await role.setName('New');
      return (await guild.roles.fetch(role.id, { force: true }))?.name;
    },
    'New',
  ],
  [
    'role.delete',
    async () => {
      const role = await guild.roles.create({ name: 'Gone' });
      await role.delete();
      return (await guild.roles.fetch()).has(role.id);
    },
    false,
  ],
  [
    'member.setNickname',
    async () => {
      const member = await guild.members.fetch(MEMBER);
      await member.setNickname('Nick');
      return (await guild.members.fetch({ user: MEMBER, force: true })).nickname;
    },
    'Nick',
  ],
  [
    'member.roles.add',
    async () => {
      const member = await guild.members.fetch(MEMBER);
      await member.roles.add(REGULAR);
      return (await guild.members.fetch({ user: MEMBER, force: true })).roles.cache.has(REGULAR);
    },
    true,
  ],
  [
    'member.roles.remove',
    async () => {
      const member = await guild.members.fetch(MEMBER);
      await member.roles.remove(REGULAR);
      return (await guild.members.fetch({ user: MEMBER, force: true })).roles.cache.has(REGULAR);
    },
    false,
  ],
  [
    'member.timeout',
    async () => {
      const member = await guild.members.fetch('200000000000000003');
      await member.timeout(60_000);
      return (
        (await guild.members.fetch({ user: member.id, force: true }))
          .communicationDisabledUntil instanceof Date
      );
    },
    true,
  ],
  [
    'bans.create',
    async () => {
      await guild.bans.create('200000000000000004', { reason: 'spam' });
      return (await guild.bans.fetch('200000000000000004')).reason;
    },
    'spam',
  ],
  [
    'bans.remove',
    async () => {
      await guild.bans.remove('200000000000000004');
      return guild.bans.fetch({ user: '200000000000000004', force: true }).then(
        () => true,
        () => false,
      );
    },
    false,
  ],
  [
    'threads.create',
    async () => (await channel.threads.create({ name: 'a thread' })).name,
    'a thread',
  ],
  [
    'thread.setArchived',
    async () => {
      const thread = await channel.threads.create({ name: 'old thread' });
      await thread.setArchived(true);
      return (await channel.threads.fetchArchived()).threads.has(thread.id);
    },
    true,
  ],
  [
    'channel.createWebhook',
    async () => {
      const hook = await channel.createWebhook({ name: 'Hook' });
      return (await channel.fetchWebhooks()).has(hook.id);
    },
    true,
  ],
  [
    'webhook.send',
    async () => {
      const hook = await channel.createWebhook({ name: 'Speaker' });
      return (await hook.send('by a webhook')).content;
    },
    'by a webhook',
  ],
  [
    'invites.create',
    async () => {
      const { code } = await guild.invites.create(CHANNEL, { maxAge: 60 });
      return (await guild.invites.fetch()).has(code);
    },
    true,
  ],
  [
    'scheduledEvents.create',
    async () => {
      const event = await guild.scheduledEvents.create({
        name: 'Party',
        scheduledStartTime: '2099-01-01T18:00:00Z',
        scheduledEndTime: '2099-01-01T20:00:00Z',
        privacyLevel: 2,
        entityType: GuildScheduledEventEntityType.External,
        entityMetadata: { location: 'here' },
      });
      return (await guild.scheduledEvents.fetch(event.id)).name;
    },
    'Party',
  ],
  [
    'emojis.create',
    async () => {
      const emoji = await guild.emojis.create({ name: 'pixel', attachment: PIXEL });
      return (await guild.emojis.fetch(emoji.id)).name;
    },
    'pixel',
  ],
  [
    'channels.create (category)',
    async () =>
      (await guild.channels.create({ name: 'Cat', type: ChannelType.GuildCategory })).type,
    ChannelType.GuildCategory,
  ],
  [
    'user.send',
    async () => {
      const user = await client.users.fetch(MEMBER);
      return (await user.send('psst')).content;
    },
    'psst',
  ],
];

describe('discord.js reads the simulation as it reads Discord', () => {
  it.each(READS)('%s', async (_method, act, expected) => {
    expect(await act()).toEqual(expected);
  });
});

describe('what discord.js writes is seen by what it reads', () => {
  it.each(WRITES)('%s', async (_method, act, expected) => {
    expect(await act()).toEqual(expected);
  });
});
