import { html, type Markup } from '../../../sandbox/html.js';
import type { GoogleGrants } from './grants.js';
import type { Quota } from './quota.js';
import type { LiveChat, YouTubeWorld } from './world.js';

const SHOWN_ENTRIES = 100;
const SHOWN_ON_PAGE = 8;

interface ShownRoom {
  readonly world: YouTubeWorld;
  readonly grants: GoogleGrants;
  readonly quota: Quota;
  readonly uploadQuota: Quota;
  readonly searchQuota: Quota;
}

/** The world as JSON: what a test or a person asks of it. */
export function describeWorld(
  { world, grants, quota, uploadQuota, searchQuota }: ShownRoom,
  uploads: readonly object[],
): Record<string, unknown> {
  return {
    quota: { used: quota.used, limit: quota.limit },
    upload_quota: { used: uploadQuota.used, limit: uploadQuota.limit },
    search_quota: { used: searchQuota.used, limit: searchQuota.limit },
    uploads: uploads.slice(-SHOWN_ENTRIES),
    channels: Object.fromEntries(world.channels),
    broadcasts: Object.fromEntries(world.broadcasts),
    chats: Object.fromEntries(
      [...world.chats].map(([id, chat]) => [
        id,
        {
          broadcast_id: chat.broadcast.id,
          enabled: chat.enabled,
          moderators: [...chat.moderators.values()],
          bans: listBans(world, chat),
          messages: [...chat.messages.values()].slice(-SHOWN_ENTRIES),
        },
      ]),
    ),
    videos: Object.fromEntries(world.videos),
    playlists: Object.fromEntries(world.playlists),
    comments: Object.fromEntries([...world.comments].slice(-SHOWN_ENTRIES)),
    streams: Object.fromEntries(world.streams.list().map((stream) => [stream.id, stream])),
    rejected_authors: Object.fromEntries(
      [...world.rejected_authors].map(([id, authors]) => [id, [...authors]]),
    ),
    grants: grants.list().map(({ channel_id, scopes }) => ({ channel_id, scopes })),
  };
}

function listBans(world: YouTubeWorld, chat: LiveChat): unknown[] {
  return [...chat.bans.values()]
    .filter(({ channel_id }) => world.findBan(channel_id, chat) !== undefined)
    .map(({ id, channel_id, end }) => ({
      id,
      channel_id,
      end: end === null ? null : new Date(end).toISOString(),
    }));
}

/** The world for people: a card for every broadcast, one for every channel with videos, the quota. */
export function renderWorld({ world, quota, uploadQuota, searchQuota }: ShownRoom): Markup {
  const chats = [...world.chats.values()].slice(-20).map((chat) => renderChat(chat, world));
  const channels = [...world.channels.values()]
    .filter(({ id }) => [...world.videos.values()].some(({ channel_id }) => channel_id === id))
    .slice(-20)
    .map(({ id, title }) => renderChannel(id, title, world));
  return html`<article>
      <h3>Quota of the day</h3>
      <p>${quota.used} of ${quota.limit} units</p>
      <p>${uploadQuota.used} of ${uploadQuota.limit} uploads</p>
      <p>${searchQuota.used} of ${searchQuota.limit} searches</p>
    </article>
    ${chats} ${channels}`;
}

function renderChat(chat: LiveChat, world: YouTubeWorld): Markup {
  const { broadcast } = chat;
  const isLive = broadcast.life_cycle_status === 'live';
  const messages = [...chat.messages.values()].slice(-SHOWN_ON_PAGE).map((message) => {
    const body = html`<b>${world.nameChannel(message.author_id)}</b> ${message.text}`;
    return html`<li class="message" title="${message.id}">
      ${message.deleted_by === undefined ? body : html`<s>${body}</s>`}
    </li>`;
  });
  const bans = [...chat.bans.values()].filter(({ channel_id }) => world.findBan(channel_id, chat));
  return html`<article>
    <h3>
      ${world.nameChannel(broadcast.channel_id)} <small>${broadcast.id}</small>
      <i class="${isLive ? 'live' : ''}">${broadcast.life_cycle_status}</i>
    </h3>
    <p class="title">${broadcast.title}</p>
    <ol class="chat">
      ${messages}
    </ol>
    <dl>
      ${renderFacts(
        'Moderators',
        [...chat.moderators.values()].map((id) => world.nameChannel(id)),
      )}
      ${renderFacts(
        'Banned',
        bans.map(
          ({ channel_id, end }) =>
            `${world.nameChannel(channel_id)}${end === null ? '' : ` until ${new Date(end).toISOString().slice(11, 19)}`}`,
        ),
      )}
      ${renderFacts(
        'Ad breaks',
        broadcast.cuepoints.map(({ duration_seconds }) => `${duration_seconds} s`),
      )}
    </dl>
  </article>`;
}

function renderChannel(id: string, title: string, world: YouTubeWorld): Markup {
  const videos = [...world.videos.values()].filter(({ channel_id }) => channel_id === id);
  const playlists = [...world.playlists.values()].filter(({ channel_id }) => channel_id === id);
  const own = new Set(videos.map((video) => video.id));
  const comments = [...world.comments.values()].filter(({ video_id }) => own.has(video_id));
  return html`<article>
    <h3>${title} <small>${id}</small></h3>
    <dl>
      ${renderFacts(
        'Videos',
        videos.map(({ snippet }) => `${snippet.title}: ${snippet.description || 'no description'}`),
      )}
      ${renderFacts(
        'Playlists',
        playlists.map((list) => `${list.title} (${list.privacy}), ${list.items.length} videos`),
      )}
      ${renderFacts(
        'Comments',
        comments.map(
          ({ author_id, text, moderation_status }) =>
            `${world.nameChannel(author_id)}: ${text}${moderation_status === 'published' ? '' : ` [${moderation_status}]`}`,
        ),
      )}
    </dl>
  </article>`;
}

function renderFacts(name: string, facts: readonly string[]): Markup {
  if (facts.length === 0) return html``;
  const shown = facts.slice(-SHOWN_ON_PAGE).map((fact) => html`<dd>${fact}</dd>`);
  return html`<dt>${name}</dt>
    ${shown}`;
}
