import { createHash } from 'node:crypto';

import { isRecord } from '../../../sandbox/exchange.js';
import { DataRefusal } from './data-call.js';

const SNIPPET = ['id', 'snippet'];
const BROADCAST = [
  'contentDetails',
  'id',
  'monetizationDetails',
  'snippet',
  'statistics',
  'status',
];

/**
 * The parts that each resource has, by the path of its calls. The list of a discovery document.
 * @see https://developers.google.com/youtube/v3/getting-started#part
 */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  '/captions': SNIPPET,
  '/channelSections': ['contentDetails', 'id', 'localizations', 'snippet', 'targeting'],
  '/channels': [
    'auditDetails',
    'brandingSettings',
    'contentDetails',
    'contentOwnerDetails',
    'conversionPings',
    'id',
    'localizations',
    'snippet',
    'statistics',
    'status',
    'topicDetails',
  ],
  '/commentThreads': ['id', 'replies', 'snippet'],
  '/comments': SNIPPET,
  '/liveBroadcasts': BROADCAST,
  '/liveBroadcasts/bind': BROADCAST,
  '/liveBroadcasts/transition': BROADCAST,
  '/liveChat/bans': SNIPPET,
  '/liveChat/messages': ['authorDetails', 'id', 'snippet'],
  '/liveChat/moderators': SNIPPET,
  '/liveStreams': ['cdn', 'contentDetails', 'id', 'snippet', 'status'],
  '/membershipsLevels': SNIPPET,
  '/playlistImages': SNIPPET,
  '/playlistItems': ['contentDetails', 'id', 'snippet', 'status'],
  '/playlists': ['contentDetails', 'id', 'localizations', 'player', 'snippet', 'status'],
  '/search': SNIPPET,
  '/subscriptions': ['contentDetails', 'id', 'snippet', 'subscriberSnippet'],
  '/videoCategories': SNIPPET,
  '/videos': [
    'ageGating',
    'brandPartner',
    'contentDetails',
    'fileDetails',
    'id',
    'liveStreamingDetails',
    'localizations',
    'monetizationDetails',
    'paidProductPlacementDetails',
    'player',
    'processingDetails',
    'projectDetails',
    'recordingDetails',
    'snippet',
    'statistics',
    'status',
    'suggestions',
    'topicDetails',
  ],
};

/** What the resources of a list are called, by its path. */
const LIST_NAMES: Readonly<Record<string, string>> = {
  '/liveChat/messages': 'liveChatMessage',
  '/liveChat/moderators': 'liveChatModerator',
  '/search': 'search',
  '/videoCategories': 'videoCategory',
};

/** What is always there, whatever is asked for. */
const ALWAYS: ReadonlySet<string> = new Set(['kind', 'etag', 'id']);

/**
 * The parts that a request names; undefined for a call that has none.
 * @throws DataRefusal for none, and for one that the resource has not
 */
export function readParts(
  path: string,
  method: string,
  named: readonly string[],
): ReadonlySet<string> | undefined {
  const known = PARTS[path];
  if (!known || method === 'DELETE') return undefined;
  if (named.length === 0)
    throw new DataRefusal(
      400,
      'missingRequiredParameter',
      'The request is missing a required parameter: part',
    );
  const unknown = named.find((part) => !known.includes(part));
  if (unknown !== undefined)
    throw new DataRefusal(400, 'unknownPart', `The part "${unknown}" is not known here`);
  return new Set(named);
}

/** A result as YouTube sends it: only the parts that were named, each thing with its kind and etag. */
export function finishResult(
  path: string,
  result: object,
  parts: ReadonlySet<string> | undefined,
): object {
  if (!('items' in result) || !Array.isArray(result.items))
    return parts ? finishThing(result, parts) : result;
  const name = LIST_NAMES[path] ?? path.slice(1).replace(/s$/, '');
  const items = (result.items as readonly unknown[]).map((item) =>
    parts && isRecord(item) ? finishThing(item, parts) : item,
  );
  const list = { kind: `youtube#${name}ListResponse`, ...result, items };
  return { etag: makeEtag(list), ...list };
}

function finishThing(thing: object, parts: ReadonlySet<string>): object {
  const shown = Object.fromEntries(
    Object.entries(thing).filter(([name]) => ALWAYS.has(name) || parts.has(name)),
  );
  // Images of playlists have none.
  const hasEtag = shown['kind'] !== 'youtube#playlistImage';
  return { ...(hasEtag && { etag: makeEtag(shown) }), ...shown };
}

/** The same for the same content. */
function makeEtag(content: object): string {
  return createHash('sha1').update(JSON.stringify(content)).digest('base64url');
}
