import type { Shelf } from '../../../sandbox/shelf.js';
import { type DataCall, DataRefusal, type DataRoutes } from './data-call.js';
import type { Parts, Stored } from './resources.js';
import { FORCE_SSL, MANAGE, READ_ONLY } from './scopes.js';
import { inventId, type YouTubeWorld } from './world.js';

const WRITE = [MANAGE, FORCE_SSL];
const READ = [...WRITE, READ_ONLY];

/** A kind of resources that are listed, inserted, updated and deleted alike. */
export interface StoredKind {
  readonly path: string;
  /** Such as `liveStream`. */
  readonly name: string;
  readonly shelf: (world: YouTubeWorld) => Shelf<Stored>;
  /** What YouTube says of an id that it does not know. */
  readonly missing: string;
  readonly units: number;
  readonly scopes?: { readonly read: readonly string[]; readonly write: readonly string[] };
  /** Which of them a list asks for. @throws DataRefusal for a list without its filter */
  readonly filter: (call: DataCall) => (stored: Stored) => boolean;
  /**
   * The parts that a new one, or a changed one, has.
   * @throws DataRefusal for what is not valid
   */
  readonly complete?: (call: DataCall, old?: Stored) => Parts;
  /** Lists of it have no pages. */
  readonly isWhole?: boolean;
  /** What is looked at before one is deleted. */
  readonly free?: (call: DataCall, stored: Stored) => void;
  /** Its insert and update come as uploads. */
  readonly isUploaded?: boolean;
}

export function showStored({ name }: StoredKind, { id, parts }: Stored): object {
  return { kind: `youtube#${name}`, id, ...parts };
}

/** @throws DataRefusal for an id that is not known, or belongs to another */
export function requireStored(call: DataCall, kind: StoredKind, id: string): Stored {
  const stored = kind.shelf(call.world).get(id);
  if (!stored) throw new DataRefusal(404, kind.missing, `The ${kind.name} ${id} cannot be found.`);
  call.requireSelf(stored.channel_id);
  return stored;
}

/** Keeps a new one. */
export function addStored(call: DataCall, kind: StoredKind, parts: Parts): Stored {
  return kind.shelf(call.world).add({ channel_id: call.channelId, parts }, inventId(16));
}

/** Replaces the parts that are named; the others stay. */
export function changeStored(
  call: DataCall,
  kind: StoredKind,
  stored: Stored,
  parts: Parts,
): Stored {
  return (
    kind.shelf(call.world).change(stored.id, { parts: { ...stored.parts, ...parts } }) ?? stored
  );
}

/** The calls of a kind. */
export function storedRoutes(kind: StoredKind): DataRoutes {
  const { path, units, complete } = kind;
  const { read, write } = kind.scopes ?? { read: READ, write: WRITE };
  const routes: Record<string, DataRoutes[string]> = {
    [`GET ${path}`]: {
      scopes: read,
      units: kind.name === 'caption' ? 50 : 1,
      handle: (call) => {
        const found = kind.shelf(call.world).list(kind.filter(call));
        const items = found.map((stored) => showStored(kind, stored));
        return kind.isWhole ? { items } : call.paginate(items, 50);
      },
    },
    [`DELETE ${path}`]: {
      scopes: write,
      units,
      handle: (call) => {
        const stored = requireStored(call, kind, call.requireQuery('id'));
        kind.free?.(call, stored);
        kind.shelf(call.world).remove(stored.id);
        return undefined;
      },
    },
  };
  if (!complete || kind.isUploaded) return routes;
  routes[`POST ${path}`] = {
    scopes: write,
    units,
    handle: (call) => showStored(kind, addStored(call, kind, complete(call))),
  };
  routes[`PUT ${path}`] = {
    scopes: write,
    units,
    handle: (call) => {
      const old = requireStored(call, kind, call.body.requireText('id', 'idRequired'));
      return showStored(kind, changeStored(call, kind, old, complete(call, old)));
    },
  };
  return routes;
}
