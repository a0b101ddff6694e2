import type { HelixRequest } from './sandbox-caller.js';

/** The Helix requests of the sandbox's tests: each works as it is, and its arguments spoil it. */

export const SAID = '5a6d0000-0000-4000-8000-000000000001';
export const SAID_BY_BROADCASTER = '5a6d0000-0000-4000-8000-000000000003';
export const SAID_BY_BOT = '5a6d0000-0000-4000-8000-000000000004';
export const SAID_LONG_AGO = '5a6d0000-0000-4000-8000-000000000000';

export const CHOICES = [{ title: 'Heads' }, { title: 'Tails' }];
const MODERATION = { broadcaster_id: '1001', moderator_id: '1002' };

export const say = (body: Record<string, unknown> = {}, as = '1002'): HelixRequest => ({
  as,
  method: 'POST',
  path: '/chat/messages',
  body: { broadcaster_id: '1001', sender_id: as, message: 'hi', ...body },
});
export const announce = (body: Record<string, unknown> = {}): HelixRequest => ({
  as: '1002',
  method: 'POST',
  path: '/chat/announcements',
  query: MODERATION,
  body: { message: 'soon', ...body },
});
export const whisper = (to: string, from = '1002', message = 'psst'): HelixRequest => ({
  as: from,
  method: 'POST',
  path: '/whispers',
  query: { from_user_id: from, to_user_id: to },
  body: { message },
});
export const ban = (data: Record<string, unknown> = {}, query = {}): HelixRequest => ({
  as: '1002',
  method: 'POST',
  path: '/moderation/bans',
  query: { ...MODERATION, ...query },
  body: { data: { user_id: '2001', ...data } },
});
export const unban = (userId: string): HelixRequest => ({
  as: '1002',
  method: 'DELETE',
  path: '/moderation/bans',
  query: { ...MODERATION, user_id: userId },
});
export const erase = (messageId?: string, query = {}): HelixRequest => ({
  as: '1002',
  method: 'DELETE',
  path: '/moderation/chat',
  query: { ...MODERATION, ...(messageId === undefined ? {} : { message_id: messageId }), ...query },
});
export const role = (
  method: 'POST' | 'DELETE',
  kind: 'moderation/moderators' | 'channels/vips',
  userId: string,
  query = {},
): HelixRequest => ({
  method,
  path: `/${kind}`,
  query: { broadcaster_id: '1001', user_id: userId, ...query },
});
export const modify = (body: unknown): HelixRequest => ({
  method: 'PATCH',
  path: '/channels',
  query: { broadcaster_id: '1001' },
  body,
});
export const mark = (body: Record<string, unknown> = {}, as = '1001'): HelixRequest => ({
  as,
  method: 'POST',
  path: '/streams/markers',
  body: { user_id: '1001', ...body },
});
export const clip = (query: Record<string, string> = {}): HelixRequest => ({
  method: 'POST',
  path: '/clips',
  query: { broadcaster_id: '1001', ...query },
});
export const raid = (to = '1003', from = '1001'): HelixRequest => ({
  method: 'POST',
  path: '/raids',
  query: { from_broadcaster_id: from, to_broadcaster_id: to },
});
export const poll = (body: Record<string, unknown> = {}): HelixRequest => ({
  method: 'POST',
  path: '/polls',
  body: { broadcaster_id: '1001', title: 'Toss?', choices: CHOICES, duration: 60, ...body },
});
export const predict = (body: Record<string, unknown> = {}): HelixRequest => ({
  method: 'POST',
  path: '/predictions',
  body: {
    broadcaster_id: '1001',
    title: 'Toss?',
    outcomes: CHOICES,
    prediction_window: 60,
    ...body,
  },
});
export const end = (
  path: '/polls' | '/predictions',
  body: Record<string, unknown>,
): HelixRequest => ({
  method: 'PATCH',
  path,
  body: { broadcaster_id: '1001', ...body },
});
