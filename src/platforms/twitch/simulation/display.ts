import { describeState } from './channel-state.js';
import { html, type Markup } from '../../../sandbox/html.js';
import type { Grants } from './grants.js';
import { writeTime } from '../../../sandbox/exchange.js';
import type { TwitchLimits } from './limits.js';
import { RAID_COUNTDOWN_MS, type TwitchChannel, type TwitchWorld } from './world.js';

const SHOWN_ENTRIES = 100;
const SHOWN_ON_PAGE = 12;

/** The world as `/sandbox/state` shows it under `twitch`; histories are cut to the newest hundred. */
export function describeWorld(
  world: TwitchWorld,
  grants: Grants,
  limits: TwitchLimits,
): Record<string, unknown> {
  return {
    limits: limits.enabled,
    clip_delay_ms: world.clip_delay_ms,
    consenting_user_id: world.consenting_user_id,
    users: [...world.users.values()],
    games: [...world.games].map(([id, name]) => ({ id, name })),
    channels: Object.fromEntries(
      [...world.channels.values()].map((channel) => [
        channel.broadcaster_id,
        describeChannel(channel, world),
      ]),
    ),
    whispers: showNewest(world.whispers, 'at'),
    clips: showNewest([...world.clips.values()], 'created', 'ready'),
    grants: grants.list().map((grant) => ({
      user_id: grant.user_id,
      scopes: [...grant.scopes],
      access_tokens: grant.access_tokens.filter((token) => grants.find(token)).length,
    })),
  };
}

function describeChannel(channel: TwitchChannel, world: TwitchWorld): Record<string, unknown> {
  world.runningPoll(channel);
  world.runningPrediction(channel);
  return {
    login: world.user(channel.broadcaster_id).login,
    title: channel.title,
    game_id: channel.game_id,
    game_name: world.gameName(channel.game_id),
    language: channel.broadcaster_language,
    tags: channel.tags,
    live: channel.live_since !== null,
    moderators: [...channel.moderators],
    vips: [...channel.vips],
    bans: showNewest(
      [...channel.bans.keys()].flatMap((id) => world.findBan(channel, id) ?? []),
      'created',
      'end',
    ),
    chat: showNewest([...channel.messages.values()], 'at'),
    pinned_message_id: channel.pinned_message_id,
    polls: showNewest(channel.polls, 'started', 'ended'),
    predictions: showNewest(channel.predictions, 'created', 'locked', 'ended'),
    markers: showNewest(channel.markers, 'created'),
    ...describeState(world.state(channel.broadcaster_id)),
    raids: channel.raids.slice(-SHOWN_ENTRIES).map((raid) => ({
      to_broadcaster_id: raid.to_broadcaster_id,
      created: writeTime(raid.created),
      status: raidStatus(raid, world),
    })),
  };
}

/** The newest entries of a history, their moments written as text. */
function showNewest<T extends object>(history: readonly T[], ...moments: (keyof T)[]): unknown[] {
  return history.slice(-SHOWN_ENTRIES).map((entry) => {
    const shown: Record<PropertyKey, unknown> = {};
    Object.assign(shown, entry);
    for (const name of moments) {
      const at = shown[name];
      if (typeof at === 'number') shown[name] = writeTime(at);
    }
    return shown;
  });
}

function raidStatus(raid: TwitchChannel['raids'][number], world: TwitchWorld): string {
  if (raid.cancelled) return 'cancelled';
  return raid.created + RAID_COUNTDOWN_MS > world.now() ? 'pending' : 'gone';
}

/** The world for people: one card per channel where something is to be seen. */
export function renderWorld(world: TwitchWorld): Markup {
  const channels = [...world.channels.values()]
    .filter(({ title, messages }) => title !== '' || messages.size > 0)
    .slice(0, 20);
  const whispers = world.whispers
    .slice(-SHOWN_ON_PAGE)
    .map(
      ({ from_user_id, to_user_id, text }) =>
        html`<li>
          <b>${nameUser(world, from_user_id)}</b> → ${nameUser(world, to_user_id)}: ${text}
        </li>`,
    );
  return html`${channels.map((channel) => renderChannel(channel, world))}
  ${
    whispers.length > 0
      ? html`<article>
          <h3>Whispers</h3>
          <ul>
            ${whispers}
          </ul>
        </article>`
      : ''
  }`;
}

function renderChannel(channel: TwitchChannel, world: TwitchWorld): Markup {
  const user = world.user(channel.broadcaster_id);
  world.runningPoll(channel);
  world.runningPrediction(channel);
  const clips = [...world.clips.values()].filter(
    (clip) => clip.broadcaster_id === channel.broadcaster_id,
  );
  const bans = [...channel.bans.keys()].flatMap((id) => world.findBan(channel, id) ?? []);
  return html`<article>
    <h3>
      ${user.display_name} <small>${user.id}</small>
      ${channel.live_since === null ? html`<i>offline</i>` : html`<i class="live">live</i>`}
    </h3>
    <p class="title">${channel.title}</p>
    <p><small>${world.gameName(channel.game_id) || 'no category'}</small></p>
    <ol class="chat">
      ${renderChat(channel, world)}
    </ol>
    <dl>
      ${renderFacts('Moderators', nameUsers(world, channel.moderators))}
      ${renderFacts('VIPs', nameUsers(world, channel.vips))}
      ${renderFacts(
        'Banned',
        bans.map(({ user_id, end, reason }) =>
          [
            nameUser(world, user_id),
            end === null ? '' : `until ${writeTime(end).slice(11, 19)}`,
            reason && `(${reason})`,
          ]
            .filter(Boolean)
            .join(' '),
        ),
      )}
      ${renderFacts(
        'Polls',
        channel.polls.map(
          ({ title, status, choices }) =>
            `${title} [${choices.map((choice) => choice.title).join(' / ')}] ${status}`,
        ),
      )}
      ${renderFacts(
        'Predictions',
        channel.predictions.map(({ title, status, outcomes, winning_outcome_id }) => {
          const winner = outcomes.find(({ id }) => id === winning_outcome_id)?.title;
          return `${title} ${status}${winner === undefined ? '' : `: ${winner}`}`;
        }),
      )}
      ${renderFacts(
        'Clips',
        clips.map(({ title, duration, ready }) =>
          ready <= world.now() ? `${title} (${duration} s)` : `${title} (being made)`,
        ),
      )}
      ${renderFacts(
        'Raids',
        channel.raids.map(
          (raid) => `${nameUser(world, raid.to_broadcaster_id)}: ${raidStatus(raid, world)}`,
        ),
      )}
      ${renderFacts(
        'Markers',
        channel.markers.map(
          ({ position_seconds, description }) => `${position_seconds} s ${description}`,
        ),
      )}
    </dl>
  </article>`;
}

function renderChat(channel: TwitchChannel, world: TwitchWorld): Markup[] {
  return [...channel.messages.values()].slice(-SHOWN_ON_PAGE).map((entry) => {
    if (entry.kind === 'cleared')
      return html`<li class="note">${nameUser(world, entry.sender_id)} cleared the chat</li>`;
    const kind = entry.kind === 'announcement' ? `announcement ${entry.color ?? ''}` : 'message';
    const body = html`<b>${nameUser(world, entry.sender_id)}</b> ${entry.text}`;
    return entry.deleted_by === undefined
      ? html`<li class="${kind}" title="${entry.id}">${body}</li>`
      : html`<li class="${kind}" title="deleted by ${nameUser(world, entry.deleted_by)}">
          <s>${body}</s>
        </li>`;
  });
}

function renderFacts(name: string, facts: readonly string[]): Markup {
  if (facts.length === 0) return html``;
  const shown = facts.slice(-SHOWN_ON_PAGE).map((fact) => html`<dd>${fact}</dd>`);
  return html`<dt>${name}</dt>
    ${shown}`;
}

function nameUser(world: TwitchWorld, id: string): string {
  return world.users.get(id)?.display_name ?? id;
}

function nameUsers(world: TwitchWorld, ids: Iterable<string>): string[] {
  return [...ids].map((id) => nameUser(world, id));
}
