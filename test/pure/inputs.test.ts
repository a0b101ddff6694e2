// Real: the declared inputs of every action, and the readings of the platforms' errors. Fake: nothing.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/actions/action.js';
import { formatError } from '../../src/actions/error-text.js';
import { ActionFailure } from '../../src/actions/failures.js';
import { cleanToken, isTimestamp, isToken } from '../../src/actions/fields.js';
import { isSnowflake } from '../../src/platforms/discord/discord-action.js';
import { discordActions } from '../../src/platforms/discord/actions/index.js';
import { twitchActions } from '../../src/platforms/twitch/actions/index.js';
import { youtubeActions } from '../../src/platforms/youtube/actions/index.js';

const ACTIONS: Readonly<Record<string, readonly Action[]>> = {
  discord: discordActions,
  twitch: twitchActions,
  youtube: youtubeActions,
};

const CONTEXT = { actionId: 'a', account: { id: '1001' }, actor: { id: '1002' } };

/** Fields that are refused; empty when the parameters are taken. */
function refuse(name: string, parameters: object): readonly string[] {
  const [platform = '', type = ''] = name.split('.');
  const action = ACTIONS[platform]?.find((one) => one.type === type);
  if (!action) throw new Error(`There is no ${name}`);
  try {
    action.parse(parameters, CONTEXT);
    return [];
  } catch (error) {
    if (!(error instanceof ActionFailure) || error.code !== 'INVALID_INPUT') throw error;
    return (error.details.violations ?? []).map(({ field }) => field.replace('parameters.', ''));
  }
}

const here = { channel_id: '7', content: 'hi' };
const message = { channel_id: '7', message_id: '8' };
const webhook = (more: string): object => ({
  webhook_url: `https://discord.com/api/webhooks/9/tok-en${more}`,
  content: 'hi',
});
const embed = (more: object): object => ({ channel_id: '7', embed: { title: 't', ...more } });
const video = { video_url: 'https://a.example/v.mp4', title: 't' };

describe('parameters that a platform surely refuses', () => {
  it.each<[string, object, string]>([
    ['discord.send_message', { ...here, channel_id: '007' }, 'channel_id'],
    ['discord.send_message', { ...here, channel_id: '18446744073709551616' }, 'channel_id'],
    ['discord.send_message', { ...here, channel_id: '0' }, 'channel_id'],
    ['discord.send_message', { ...here, reply_to_message_id: '007' }, 'reply_to_message_id'],
    ['discord.send_webhook', { ...webhook(''), thread_id: '99999999999999999999' }, 'thread_id'],
    ['discord.send_message', { ...here, allowed_mentions: { users: ['x'] } }, 'allowed_mentions'],
    ['discord.send_message', { ...here, allowed_mentions: { users: ['01'] } }, 'allowed_mentions'],
    [
      'discord.send_message',
      { ...here, allowed_mentions: { roles: ['18446744073709551616'] } },
      'allowed_mentions',
    ],
    [
      'discord.send_message',
      { ...here, allowed_mentions: { users: ['1', '1'] } },
      'allowed_mentions',
    ],
    [
      'discord.send_message',
      { ...here, allowed_mentions: { parse: ['users', 'users'] } },
      'allowed_mentions',
    ],
    ['discord.send_message', { ...here, content: ' \n\t' }, 'content'],
    ['discord.send_embed', embed({ timestamp: '2026-02-30T10:00:00Z' }), 'embed'],
    ['discord.send_embed', embed({ timestamp: '2026-02-20T10:00Z' }), 'embed'],
    ['discord.send_embed', embed({ url: 'https://x.y/`' }), 'embed'],
    ['discord.send_embed', embed({ url: 'https://' }), 'embed'],
    ['discord.send_embed', embed({ image: { url: 'https://x.y/ z' } }), 'embed'],
    ['discord.create_webhook', { channel_id: '7', name: '  ' }, 'name'],
    ['discord.send_webhook', webhook('?evil=1'), 'webhook_url'],
    ['discord.send_webhook', webhook('?thread_id=x'), 'webhook_url'],
    ['discord.send_webhook', webhook('/slack'), 'webhook_url'],
    ['discord.send_webhook', webhook('/../x'), 'webhook_url'],
    ['discord.edit_message', message, 'content'],
    ['twitch.ban', { user_id: 'some body' }, 'user_id'],
    ['twitch.whisper', { to_user_id: 'x-1', message: 'm' }, 'to_user_id'],
    ['twitch.raid', { to_broadcaster_id: 'ä' }, 'to_broadcaster_id'],
    ['twitch.vip_add', { user_id: '-1' }, 'user_id'],
    ['twitch.update_game', { game_id: ' ' }, 'game_id'],
    ['twitch.chat_message', { message: '   ' }, 'message'],
    ['twitch.chat_message', { message: '.foo bar' }, 'message'],
    ['twitch.chat_message', { message: '/announce hi' }, 'message'],
    ['twitch.poll_create', { title: 't', choices: ['a', ' '] }, 'choices'],
    ['twitch.update_title', { title: '\u00a0' }, 'title'],
    ['youtube.send_live_chat_message', { message: ' ' }, 'message'],
    ['youtube.post_comment', { video_id: 'v', text: '\n' }, 'text'],
    [
      'youtube.add_to_playlist',
      { playlist_id: 'P', video_id: 'v', position: 4_294_967_296 },
      'position',
    ],
    ['youtube.upload_video', { ...video, video_url: 'https://a.example/v`' }, 'video_url'],
    ['youtube.upload_video', { ...video, publish_at: '2096-02-30T10:00:00Z' }, 'publish_at'],
    ['youtube.upload_video', { ...video, publish_at: '2096-02-20T10:00Z' }, 'publish_at'],
  ])('%s %j names %s', (name, parameters, field) => {
    expect(refuse(name, parameters)).toContain(field);
  });
});

describe('parameters that a platform takes', () => {
  it.each<[string, object]>([
    ['discord.send_message', { ...here, channel_id: '18446744073709551615' }],
    ['discord.send_message', { ...here, allowed_mentions: { users: ['1', '2'] } }],
    ['discord.send_embed', embed({ fields: [{ name: 'n', value: '' }] })],
    ['discord.send_embed', embed({ type: 'rich' })],
    [
      'discord.send_embed',
      embed({ thumbnail: { url: 'https://x.y/z.png', height: 10, width: 5 } }),
    ],
    ['discord.send_embed', embed({ image: { url: 'attachment://a.png' } })],
    ['discord.send_embed', embed({ url: 'https://例え.jp/パス?q=1#x' })],
    ['discord.edit_message', { ...message, content: '' }],
    ['discord.edit_message', { ...message, embeds: [] }],
    ['discord.send_webhook', webhook('?thread_id=77')],
    ['discord.send_webhook', webhook('?wait=true')],
    ['discord.send_webhook', webhook('?wait=true&thread_id=77')],
    ['discord.send_webhook', webhook('/')],
    [
      'discord.send_webhook',
      { ...webhook(' '), webhook_url: ' https://discord.com/api/webhooks/9/t ' },
    ],
    ['discord.send_webhook', { ...webhook(''), thread_name: 't', applied_tags: ['5'] }],
    ['twitch.chat_message', { message: '... and so on' }],
    ['twitch.chat_message', { message: '.5 seconds' }],
    ['twitch.chat_message', { message: '/me waves' }],
    ['youtube.add_to_playlist', { playlist_id: 'P', video_id: 'v', position: 2_147_483_647 }],
    ['youtube.upload_video', { ...video, publish_at: '2096-02-29T10:00:00+02:00' }],
  ])('%s %j', (name, parameters) => {
    expect(refuse(name, parameters)).toEqual([]);
  });

  it('are sent to the thread that the address of a webhook names', async () => {
    const action = discordActions.find(({ type }) => type === 'send_webhook');
    const input = action?.parse(webhook('/?wait=false&thread_id=77'), CONTEXT);
    let query: unknown;
    await action?.carryOut(input ?? {}, CONTEXT, {
      send: async (request: { query?: unknown }) => {
        ({ query } = request);
        return { id: '5' };
      },
    } as never);
    expect(query).toEqual({ wait: true, thread_id: '77' });
  });
});

describe('ids, times and tokens of any kind', () => {
  it('snowflakes are the numbers from 1 to 2^64 - 1', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }), (number) => {
        expect(isSnowflake(String(number))).toBe(number > 0n && number < 2n ** 64n);
        expect(isSnowflake(`0${number}`)).toBe(false);
      }),
    );
  });

  it('times are those that the calendar has', () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }),
        (date) => {
          expect(isTimestamp(date.toISOString())).toBe(true);
          expect(isTimestamp(date.toISOString().slice(0, 16) + 'Z')).toBe(false);
        },
      ),
    );
    for (let month = 1; month <= 12; month += 1) {
      const day = `2026-${String(month).padStart(2, '0')}-31T10:00:00Z`;
      const isThere = new Date(day).getUTCMonth() === month - 1 && !Number.isNaN(Date.parse(day));
      expect(isTimestamp(day)).toBe(isThere);
    }
  });

  it('tokens are what is left of a pasted one', () => {
    const token = fc.stringMatching(/^[A-Za-z0-9._~+/=-]{1,60}$/);
    const before = fc.constantFrom('', 'Bot ', 'bot ', 'Bearer ', 'oauth:', 'OAuth ', ' Bot  ');
    const around = fc.constantFrom('', ' ', '\n', '\r\n', '\t');
    fc.assert(
      fc.property(token, before, around, (text, scheme, space) => {
        fc.pre(!/^oauth:/i.test(text));
        const cleaned = cleanToken(`${space}${scheme}${text}${space}`);
        expect(cleaned).toBe(text);
        expect(isToken(cleaned)).toBe(true);
      }),
    );
    for (const text of ['', 'a b', 'a\nb', 'ä', 'a\u0000']) expect(isToken(text)).toBe(false);
  });
});

describe('an error of another form', () => {
  it.each<[unknown, string]>([
    ['{"message":"One"}{"message":"Two"}', 'One; Two'],
    ['{"error":"Bad","message":"One"}\n{"status":400}', 'One'],
    [{ username: ['Taken.', 'Too long.'] }, 'username: Taken.; username: Too long.'],
    ['A line of text', 'A line of text'],
    ['<html>page</html>', ''],
    [undefined, ''],
    [null, ''],
    ['{"message":"cut', '{"message":"cut'],
  ])('%j tells %j', (body, told) => {
    expect(formatError(body)).toBe(told);
  });
});
