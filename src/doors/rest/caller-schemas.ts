import { PERMISSIONS, POLICIES, type Policy } from '../../actions/caller.js';
import { Choice, Integer, List, Text } from '../../actions/fields.js';
import { CALLER_NAME, type CallerReport } from '../../callers/callers.js';
import {
  defineObject,
  defineSchema,
  Described,
  describeList,
  MOMENT,
  TEXT,
  TEXTS,
  TIME,
} from '../door/schema.js';
import { TIME_FIELD } from './time-field.js';

/** The caller in a path. */
export class CallerPath {
  @Text('Its name or its identity', { example: 'chat-bot' })
  id!: string;
}

/** What a caller may do; every change states all of it. */
@Described('What a caller may do')
export class ChangeCaller {
  @List('What it may be permitted', { choices: PERMISSIONS, example: ['execute_actions'] })
  permissions!: string[];

  @List('Only these platforms', { optional: true, minItems: 1, maxItems: 100 })
  platforms?: string[];

  @List('Only these account and actor ids', { optional: true, minItems: 1, maxItems: 1_000 })
  accounts?: string[];

  @List('Only these platforms, groups or actions, such as twitch.chat', {
    optional: true,
    minItems: 1,
    maxItems: 1_000,
    example: ['twitch.chat', 'discord.send_message'],
  })
  actions?: string[];

  @Integer('Requests it may make in a minute; left out, CALLER_REQUESTS_PER_MINUTE', {
    optional: true,
    min: 1,
    max: 10_000_000,
  })
  requests_per_minute?: number;

  @Choice(
    'What it may cause at the platforms: reads alone, nothing destructive, or writes that another caller approves; left out, as it is, and anything for a new caller',
    POLICIES,
    { optional: true },
  )
  policy?: Policy;

  @Text('When it ends; left out, never', {
    optional: true,
    ...TIME_FIELD,
    example: '2030-01-31T18:30:00Z',
  })
  expires_at?: string;
}

/** What is to change of what a caller may do. */
@Described(
  'What is to change of what a caller may do; what is left out stays, and null ends a bound',
)
export class AdjustCaller {
  @List('What it may be permitted', { optional: true, choices: PERMISSIONS })
  permissions?: string[];

  @List('Only these platforms', { optional: true, minItems: 1, maxItems: 100 })
  platforms?: string[];

  @List('Only these account and actor ids', { optional: true, minItems: 1, maxItems: 1_000 })
  accounts?: string[];

  @List('Only these platforms, groups or actions, such as twitch.chat', {
    optional: true,
    minItems: 1,
    maxItems: 1_000,
  })
  actions?: string[];

  @Integer('Requests it may make in a minute; null for CALLER_REQUESTS_PER_MINUTE', {
    optional: true,
    min: 1,
    max: 10_000_000,
  })
  requests_per_minute?: number;

  @Choice('What it may cause at the platforms; null for anything', POLICIES, { optional: true })
  policy?: Policy;

  @Text('When it ends; null for never', { optional: true, ...TIME_FIELD })
  expires_at?: string;
}

/** A caller that is to get a key of its own. */
@Described('A caller that is to get a key of its own')
export class CreateCaller extends ChangeCaller {
  @Text('Its name', {
    pattern: CALLER_NAME,
    patternMeans: 'small letters, digits and "-", 63 at most, such as chat-bot',
    example: 'chat-bot',
  })
  id!: string;

  @Text(
    'The tenant it belongs to, and no other reaches; left out, none for the operator, and for a tenant itself',
    {
      optional: true,
      max: 128,
      example: 'acme',
    },
  )
  owner?: string;
}

/** Another key in place of one. */
@Described('Another key in place of one')
export class RotateCaller {
  @Integer(
    'Seconds in which the key before is taken as well; 0 makes it worthless at once, and all tokens of the caller',
    { min: 0, max: 2_592_000, default: 86_400 },
  )
  grace_seconds!: number;
}

/** A caller and its key, which is shown only once. */
export interface CallerWithKey {
  readonly caller: CallerReport;
  readonly api_key: string;
}

const BOUND = { type: ['array', 'null'], items: TEXT } as const;

/** A policy, or null. */
export const POLICY = {
  type: ['string', 'null'],
  enum: [...POLICIES, null],
  description: 'What it may cause at the platforms; null for anything',
} as const;

export const CALLER = defineObject<CallerReport>(
  'Caller',
  {
    id: { ...TEXT, description: 'Its name, unique in its tenant' },
    identity: { ...TEXT, description: 'Its id for good, which no other caller ever has' },
    owner: {
      ...TEXT,
      description: 'The tenant it belongs to; empty for the operator of the gateway',
    },
    permissions: TEXTS,
    platforms: { ...BOUND, description: 'Only these; null for all' },
    accounts: { ...BOUND, description: 'Only these account and actor ids; null for all' },
    actions: { ...BOUND, description: 'Only these platforms, groups and actions; null for all' },
    requests_per_minute: { type: ['integer', 'null'] },
    policy: POLICY,
    expires_at: MOMENT,
    created_by: TEXT,
    created_at: TIME,
    updated_at: TIME,
    last_used_at: { ...MOMENT, description: 'To the minute' },
    former_key_until: {
      ...MOMENT,
      description: 'Until when the key before the last rotation is taken as well',
    },
  },
  [],
  'A caller, without its keys',
);

export const CALLER_LIST = defineSchema<{ callers: CallerReport[] }>(
  'CallerList',
  describeList('callers', CALLER),
);

export const CALLER_WITH_KEY = defineObject<CallerWithKey>('CallerWithKey', {
  caller: CALLER,
  api_key: { ...TEXT, description: 'Told this once: only its hash is kept' },
});
