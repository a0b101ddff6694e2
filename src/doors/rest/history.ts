import { Integer, Text } from '../../actions/fields.js';
import { AUDIT_KINDS, type HistoryEntry, type HistoryPage } from '../../journal/audit-events.js';
import { refuse } from '../../actions/door-refusal.js';
import { defineObject, defineSchema, FREE, type Members, TEXT, TIME } from '../door/schema.js';

/** Which part of a history is wanted. */
export class HistoryQuery {
  @Integer('Entries at most', { min: 1, max: 200, default: 50 })
  limit!: number;

  @Text('The next_cursor of the part before; left out, the newest part', {
    optional: true,
    pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    patternMeans: 'a next_cursor as an answer gave it',
  })
  before!: string | undefined;
}

/** The members of an event, for those that add to them. */
export const historyEntry: Members<HistoryEntry> = {
  id: { ...TEXT, format: 'uuid' },
  happened_at: TIME,
  kind: { type: 'string', enum: [...AUDIT_KINDS] },
  caller_id: {
    ...TEXT,
    description: 'The name of the caller that asked; empty for the gateway itself',
  },
  caller_identity: {
    ...TEXT,
    description: 'The id of that caller, which no other caller ever has',
  },
  reason: { ...TEXT, description: 'Why, for people' },
  details: { ...FREE, description: 'Such as the scopes that were granted; never a secret' },
};

const HISTORY_ENTRY = defineObject<HistoryEntry>('HistoryEntry', historyEntry);

export const HISTORY = defineSchema<HistoryPage>('History', {
  type: 'object',
  required: ['entries', 'next_cursor'],
  properties: {
    entries: { type: 'array', items: HISTORY_ENTRY },
    next_cursor: {
      type: ['string', 'null'],
      description: 'Send it as `before` for the part after this; null at the end',
    },
  },
});

/** @throws DoorRefusal for a `before` that belongs to another history */
export function requirePage(page: HistoryPage | undefined): HistoryPage {
  if (page) return page;
  throw refuse.malformed('before is no cursor of this history');
}
