import { Controller } from '@nestjs/common';
import { type DoorRefusal, refuse } from '../../actions/door-refusal.js';
import { Flag, Integer, Text } from '../../actions/fields.js';
import { suggestName } from '../../actions/nearest-name.js';
import { AuditEvents, type HistoryPage } from '../../journal/audit-events.js';
import { ActionNames } from '../../callers/action-names.js';
import type { Caller } from '../../callers/caller.js';
import { Callers } from '../../callers/callers.js';
import { EVERYTHING, FLAG_KEY_FORM, type FlagKey, readFlagKey } from '../../safeguards/flag-key.js';
import { type FlagReport, Flags } from '../../safeguards/flags.js';
import { json, Route, type RouteRequest } from '../door/route.js';
import {
  defineObject,
  defineSchema,
  Described,
  describeList,
  MOMENT,
  TEXT,
  WHOLE,
  YES_NO,
} from '../door/schema.js';
import { HISTORY, HistoryQuery, requirePage } from './history.js';

/** The flag in a path. */
class FlagPath {
  @Text(FLAG_KEY_FORM, { example: 'twitch.chat' })
  key!: string;
}

/** Body of switching something on or off. */
@Described('Switches on or off')
class SetFlag {
  @Flag('Whether actions may be carried out')
  enabled!: boolean;

  @Text('Why; it is in the history and in the refusals', {
    max: 500,
    example: 'Raid of bots in all chats',
  })
  reason!: string;

  @Integer('Change nothing, and answer 409, where the flag has another `version`', {
    optional: true,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  })
  if_version?: number;
}

/** Why a flag goes back to its default. */
class UnsetFlag {
  @Text('Why; stands in the history', { optional: true, max: 500 })
  reason?: string;

  @Integer('Change nothing, and answer 409, where the flag has another `version`', {
    optional: true,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  })
  if_version?: number;
}

const FLAG = defineObject<FlagReport>(
  'Flag',
  {
    key: {
      ...TEXT,
      description:
        'Such as `*` for everything, `twitch`, `twitch.chat`, `twitch.chat_message` or `twitch@account:1001`',
    },
    enabled: YES_NO,
    default: {
      ...YES_NO,
      description: 'What it is while it is not set, by the `ENABLE_` switches',
    },
    is_set: { ...YES_NO, description: 'It was set; where not, the default holds' },
    reason: { ...TEXT, description: 'Why it was set; empty for a default' },
    changed_by: { ...TEXT, description: 'The caller who set it' },
    changed_at: MOMENT,
    version: { ...WHOLE, description: 'Another one after each change; 0 while it is not set' },
  },
  [],
  'A feature flag',
);

const FLAG_LIST = defineSchema<{ flags: FlagReport[] }>('FlagList', describeList('flags', FLAG));

/**
 * Switches actions on and off, on every replica at once. No flag applies to this or any other route for
 * admins, so that admins cannot lock themselves out.
 */
@Controller()
export class FlagsController {
  constructor(
    private readonly flags: Flags,
    private readonly events: AuditEvents,
    private readonly names: ActionNames,
    private readonly callers: Callers,
  ) {}

  @Route({
    method: 'GET',
    path: '/api/v1/flags',
    tag: 'Flags',
    summary: 'List every flag with its default, its value, and who set it when and why',
    needs: ['manage_flags'],
    answers: { 200: json('The flags', FLAG_LIST) },
  })
  listFlags({ caller }: RouteRequest): { flags: FlagReport[] } {
    return {
      flags: this.flags
        .list()
        .filter(({ key }) => {
          const read = readFlagKey(key);
          return read !== undefined && this.#mayUse(caller, read, 'read');
        })
        .map((report) => this.#show(report)),
    };
  }

  @Route({
    method: 'GET',
    path: '/api/v1/flags/:key',
    tag: 'Flags',
    summary: 'Show a flag',
    needs: ['manage_flags'],
    params: FlagPath,
    answers: { 200: json('The flag', FLAG) },
  })
  getFlag({ caller, params: { key } }: RouteRequest<{ params: FlagPath }>): FlagReport {
    this.#requireReadable(caller, key);
    return this.#show(this.flags.report(key));
  }

  @Route({
    method: 'GET',
    path: '/api/v1/flags/:key/history',
    tag: 'Flags',
    summary: 'Tell who switched a flag when and why, the newest first',
    needs: ['manage_flags'],
    weight: 5,
    params: FlagPath,
    query: HistoryQuery,
    answers: { 200: json('A part of its history', HISTORY) },
  })
  async tellFlagHistory({
    caller,
    params: { key },
    query,
  }: RouteRequest<{ params: FlagPath; query: HistoryQuery }>): Promise<HistoryPage> {
    this.#requireReadable(caller, key);
    return requirePage(await this.events.list({ subject: key, ...query }));
  }

  @Route({
    method: 'PUT',
    path: '/api/v1/flags/:key',
    tag: 'Flags',
    summary: 'Switch actions on or off, on every replica at once',
    description:
      'An action is off if everything (`*`), its platform, its group or the action itself is off: for everybody, for ' +
      'one account (whose channel it is, or who acts) or for one caller. ' +
      'What waits in the queue asks again when its turn comes. Flags concern actions alone.',
    needs: ['manage_flags'],
    params: FlagPath,
    body: SetFlag,
    example: { enabled: false, reason: 'Raid of bots in all chats' },
    answers: { 200: json('The flag as it is now', FLAG) },
    refuses: [409],
  })
  async setFlag({
    caller,
    params: { key },
    body,
  }: RouteRequest<{ params: FlagPath; body: SetFlag }>): Promise<FlagReport> {
    this.#requireWritable(caller, key);
    if (!(await this.flags.set(key, body, caller.identity, body.if_version)))
      throw this.#refuseOtherVersion(key);
    return this.#show(this.flags.report(key));
  }

  /** Back to the default, be it the one of a flag that nothing listens to any more. */
  @Route({
    method: 'DELETE',
    path: '/api/v1/flags/:key',
    tag: 'Flags',
    summary: 'Go back to the default',
    needs: ['manage_flags'],
    params: FlagPath,
    query: UnsetFlag,
    answers: { 200: json('The flag as it is now', FLAG) },
    refuses: [409],
  })
  async unsetFlag({
    caller,
    params: { key },
    query: { reason = '', if_version },
  }: RouteRequest<{ params: FlagPath; query: UnsetFlag }>): Promise<FlagReport> {
    this.#requireWritable(caller, key);
    const isUnset = await this.flags.unset(key, reason, caller.identity, if_version);
    const { version } = this.flags.report(key);
    if (!isUnset && if_version !== undefined && if_version !== version)
      throw this.#refuseOtherVersion(key);
    return this.#show(this.flags.report(key));
  }

  /** Says who has changed a flag that another admin has read before. */
  #refuseOtherVersion(key: string): DoorRefusal {
    const { version, is_set, enabled, reason, changed_by, changed_at } = this.#show(
      this.flags.report(key),
    );
    const now = is_set
      ? `${changed_by} switched it ${enabled ? 'on' : 'off'} at ${changed_at}: ${reason}`
      : 'it went back to its default';
    return refuse.conflict(
      `The flag ${key} has changed since, and has version ${version}: ${now}. Read it and switch it again`,
    );
  }

  /** People know the caller that set a flag by its name. */
  #show(report: FlagReport): FlagReport {
    return { ...report, changed_by: this.callers.nameOf(report.changed_by) };
  }

  #mayUse(caller: Caller, { name, platform, scope }: FlagKey, verb: 'read' | 'write'): boolean {
    const actions = this.names.expandActions(
      new Set(name === EVERYTHING ? this.flags.keys : [name]),
    );
    return caller.reachesFlag({ platform, actions, scope }, verb);
  }

  #requireReadable(caller: Caller, key: string): void {
    if (!this.#mayUse(caller, this.#requireKnown(key), 'read'))
      throw refuse.forbidden(`Caller "${caller.name}" may not see the flag ${key}`);
  }

  #requireWritable(caller: Caller, key: string): void {
    if (!this.#mayUse(caller, this.#requireKnown(key), 'write'))
      throw refuse.forbidden(`Caller "${caller.name}" may not switch the flag ${key}`);
  }

  /** @throws DoorRefusal with the nearest name for a key that switches nothing */
  #requireKnown(key: string): FlagKey {
    const read = readFlagKey(key);
    if (!read) throw refuse.malformed(`"${key}" is no key of a flag: write ${FLAG_KEY_FORM}`);
    const { keys } = this.flags;
    if (keys.includes(read.name) || this.flags.isSet(key)) return read;
    throw refuse.malformed(
      `There is no flag "${read.name}".${suggestName(read.name, keys) || ` A key is ${FLAG_KEY_FORM}`}`,
    );
  }
}
