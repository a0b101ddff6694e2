import type { JsonObject } from '../../actions/json.js';

const DESCRIPTIONS = {
  Actions: 'Envelopes in, outcomes out',
  Catalogue: 'What can be done',
  Accounts: 'Whose credentials are held',
  Tokens: 'Who may ask',
  Audit: 'What was done',
  Flags: 'What is switched on',
  Operation: 'How the gateway is doing',
  'Earlier services':
    'The routes of the services before this one, for callers that still speak to them',
  Media:
    "Media of YouTube in the form of the earlier toolkit; switched off unless ENABLE_MEDIA is set, since downloading conflicts with YouTube's terms of service",
} as const;

/** The groups of operations in the document. */
export type TagName = keyof typeof DESCRIPTIONS;

/** What each group is, in the order of the document. */
export const TAGS: readonly JsonObject[] = Object.entries(DESCRIPTIONS).map(
  ([name, description]) => ({ name, description }),
);

/** Groups whose operations answer in the form of an earlier service. */
export const EARLIER_TAGS: ReadonlySet<string> = new Set<TagName>(['Earlier services', 'Media']);
