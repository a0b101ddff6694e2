import { writeTime } from '../../../sandbox/exchange.js';
import { html, type Markup } from '../../../sandbox/html.js';
import type { DiscordLimits } from './limits.js';
import type { DiscordChannel, DiscordGuild, DiscordMessage, DiscordWorld } from './world.js';

const SHOWN_ENTRIES = 100;
const SHOWN_ON_PAGE = 12;

/** The world as `/sandbox/state` shows it under `discord`: without a token, newest entries alone. */
export function describeWorld(world: DiscordWorld, limits: DiscordLimits): Record<string, unknown> {
  return {
    limits: limits.enabled,
    invalid_requests: limits.countInvalid(),
    bots: [...world.bots.values()].map(({ id, username }) => ({ id, username })),
    guilds: Object.fromEntries([...world.guilds].map(([id, guild]) => [id, describeGuild(guild)])),
    channels: Object.fromEntries(
      [...world.channels].map(([id, channel]) => [id, describeChannel(channel)]),
    ),
    webhooks: [...world.webhooks.values()].map(({ token: _token, ...webhook }) => webhook),
  };
}

function describeGuild(guild: DiscordGuild): Record<string, unknown> {
  return {
    name: guild.name,
    owner_id: guild.owner_id,
    roles: [...guild.roles.values()],
    members: Object.fromEntries(
      [...guild.members].map(([id, { roles, timed_out_until: end }]) => [
        id,
        { roles: [...roles], timed_out_until: end === null ? null : new Date(end).toISOString() },
      ]),
    ),
    bans: [...guild.bans.values()],
    audit: guild.audit.slice(-SHOWN_ENTRIES).map(({ action, by, target_id, reason, at }) => ({
      action,
      by,
      target_id,
      reason,
      at: writeTime(at),
    })),
  };
}

function describeChannel({ name, messages }: DiscordChannel): Record<string, unknown> {
  return {
    name,
    messages: [...messages.values()].slice(-SHOWN_ENTRIES).map(describeMessage),
  };
}

function describeMessage({ reactions, at, edited, ...plain }: DiscordMessage) {
  return {
    ...plain,
    reactions: Object.fromEntries([...reactions].map(([emoji, users]) => [emoji, [...users]])),
    at: writeTime(at),
    edited: edited === null ? null : writeTime(edited),
  };
}

/** The world for people: a card for each channel where something was said, and one for the server. */
export function renderWorld(world: DiscordWorld): Markup {
  const channels = [...world.channels.values()].filter(({ messages }) => messages.size > 0);
  return html`${channels.map((channel) => renderChannel(channel, world))}
  ${[...world.guilds.values()].map((guild) => renderGuild(guild, world))}`;
}

function renderChannel({ id, name, messages }: DiscordChannel, world: DiscordWorld): Markup {
  const shown = [...messages.values()].slice(-SHOWN_ON_PAGE).map((message) => {
    const titles = message.embeds.map((embed) =>
      String((embed as { title?: string }).title ?? '…'),
    );
    const files = message.attachments.map(({ filename, size }) => `${filename} (${size} bytes)`);
    const reactions = [...message.reactions].map(([emoji, users]) => `${emoji} ${users.size}`);
    const more = [...titles.map((title) => `[${title}]`), ...files, ...reactions].join(' ');
    return html`<li class="message" title="${message.id}">
      <b>${message.username || nameUser(world, message.author_id)}</b> ${message.content}
      <small>${more}${message.edited === null ? '' : ' (edited)'}</small>
    </li>`;
  });
  return html`<article>
    <h3>#${name} <small>${id}</small></h3>
    <ol class="chat">
      ${shown}
    </ol>
  </article>`;
}

function renderGuild(guild: DiscordGuild, world: DiscordWorld): Markup {
  const members = [...guild.members.values()].map(({ user_id, roles, timed_out_until: end }) => {
    const names = [...roles].map((id) => guild.roles.get(id)?.name ?? id);
    const silenced = end !== null && end > world.now() ? ` until ${writeTime(end)} silenced` : '';
    return `${nameUser(world, user_id)}${names.length > 0 ? ` [${names.join(', ')}]` : ''}${silenced}`;
  });
  const bans = [...guild.bans.values()].map(
    ({ user_id, reason }) => `${nameUser(world, user_id)}${reason ? ` (${reason})` : ''}`,
  );
  const audit = guild.audit.map(
    ({ action, target_id, reason }) => `${action} ${nameUser(world, target_id)} ${reason ?? ''}`,
  );
  return html`<article>
    <h3>${guild.name} <small>${guild.id}</small></h3>
    <dl>
      ${renderFacts('Members', members)} ${renderFacts('Banned', bans)}
      ${renderFacts('Audit log', audit)}
      ${renderFacts(
        'Webhooks',
        [...world.webhooks.values()].map(({ name }) => name),
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

function nameUser(world: DiscordWorld, id: string): string {
  return world.users.get(id)?.username ?? id;
}
