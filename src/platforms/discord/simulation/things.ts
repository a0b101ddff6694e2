import { isRecord } from '../../../sandbox/exchange.js';
import {
  type DiscordCall,
  DiscordRefusal,
  type DiscordRoute,
  refuseField,
} from './discord-call.js';
import { type DiscordGuild } from './world.js';
import { type Things, thingsOf, type Wire } from './wire.js';

/** Where things are: in a server, or with an application. */
export interface Place {
  readonly guild?: DiscordGuild;
  readonly things: Things;
}

/** Things of one kind: how they are made, changed and shown. What is kept is what is shown. */
export interface ThingKind {
  readonly kind: string;
  /** Such as `/guilds/:guild/emojis`; one of them is below it, by `:thing`. */
  readonly path: string;
  readonly major: DiscordRoute['major'];
  open(call: DiscordCall): Place;
  readonly permission?: string;
  readonly missing: readonly [code: number, message: string];
  /** The most of them, with the code of the refusal; left out where none is published. */
  readonly most?: readonly [count: number, code: number, message: string];
  /** What the audit log calls it. */
  readonly audit?: string;
  readonly made?: 201;
  /** The member that is its id; `id` when left out. */
  readonly idMember?: string;
  /** Members of a body that are taken over. */
  readonly members: readonly string[];
  /** Required members of a new one. */
  readonly required: readonly string[];
  /** A new one before the body is taken over. */
  defaults(call: DiscordCall, id: string, body: Wire): Wire;
  /** Makes what a body says fit for being shown. */
  settle?(wire: Wire, call: DiscordCall): void;
  /** A deletion answers with what is gone. */
  readonly showsGone?: boolean;
  makeId?(call: DiscordCall): string;
  showAll?(things: readonly Wire[]): object;
  readonly without?: readonly ('list' | 'get' | 'create' | 'change' | 'delete')[];
}

/** The calls of a kind: list, get, create, change and delete. */
export function routeThings(about: ThingKind): DiscordRoute[] {
  const { path, major, idMember = 'id', made, without = [] } = about;
  const one = `${path}/:thing`;
  const all: readonly (readonly [string, DiscordRoute])[] = [
    [
      'list',
      {
        pattern: `GET ${path}`,
        major,
        handle(call) {
          const things = [...thingsOf(about.open(call), about.kind).values()];
          return about.showAll?.(things) ?? things;
        },
      },
    ],
    ['get', { pattern: `GET ${one}`, major, handle: (call) => find(about, call).thing }],
    [
      'create',
      {
        pattern: `POST ${path}`,
        major,
        ...(made && { status: made }),
        handle: (call) => create(about, call, call.readBody()),
      },
    ],
    [
      'change',
      {
        pattern: `PATCH ${one}`,
        major,
        handle(call) {
          const { thing, place } = find(about, call);
          allow(about, call, place);
          take(about, thing, call.readBody(), call);
          note(about, call, place, 'update', String(thing[idMember]));
          return thing;
        },
      },
    ],
    [
      'delete',
      {
        pattern: `DELETE ${one}`,
        major,
        handle(call) {
          const { thing, place } = find(about, call);
          allow(about, call, place);
          thingsOf(place, about.kind).delete(String(thing[idMember]));
          note(about, call, place, 'delete', String(thing[idMember]));
          return about.showsGone ? thing : undefined;
        },
      },
    ],
  ];
  return all.filter(([name]) => !without.includes(name as never)).map(([, route]) => route);
}

/** Makes a thing of a body. */
export function create(about: ThingKind, call: DiscordCall, body: Wire): Wire {
  const place = about.open(call);
  allow(about, call, place);
  const { idMember = 'id', most } = about;
  const known = thingsOf(place, about.kind);
  if (most && known.size >= most[0]) throw new DiscordRefusal(400, most[1], most[2]);
  for (const name of about.required)
    if (body[name] === undefined || body[name] === null)
      throw refuseField([name], 'BASE_TYPE_REQUIRED', 'This field is required');
  const id = about.makeId?.(call) ?? call.world.makeId();
  const thing = { ...about.defaults(call, id, body), [idMember]: id };
  take(about, thing, body, call);
  known.set(id, thing);
  note(about, call, place, 'create', id);
  return thing;
}

function find(about: ThingKind, call: DiscordCall): { thing: Wire; place: Place } {
  const place = about.open(call);
  const thing = thingsOf(place, about.kind).get(call.path['thing'] ?? '');
  if (thing) return { thing, place };
  throw new DiscordRefusal(404, about.missing[0], about.missing[1]);
}

function allow({ permission }: ThingKind, call: DiscordCall, { guild }: Place): void {
  if (guild && permission !== undefined) call.requirePermission(guild, permission);
}

function note(about: ThingKind, call: DiscordCall, { guild }: Place, what: string, id: string) {
  if (guild && about.audit !== undefined)
    call.note(guild, `${about.audit}_${what}`, /^\d+$/.test(id) ? id : guild.id);
}

function take(about: ThingKind, thing: Wire, body: Wire, call: DiscordCall): void {
  for (const name of about.members) {
    const value = body[name];
    if (value === undefined) continue;
    if (name === 'name' && (typeof value !== 'string' || value.length < 1 || value.length > 100))
      throw refuseField(['name'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 100 in length.');
    thing[name] = value;
  }
  about.settle?.(thing, call);
}

/** The members of a value that has them, without those that are null. */
export function withoutNulls(value: unknown): Wire {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}

/** A time as Discord writes it. */
export function writeMoment(at: unknown): string | null {
  if (at === null || at === undefined) return null;
  const moment = typeof at === 'number' ? at : Date.parse(String(at));
  return Number.isNaN(moment) ? null : new Date(moment).toISOString().replace('Z', '000+00:00');
}
