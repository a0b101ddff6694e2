import { Choice, Flag, Id, parseFields, Text, Values, Timestamp } from './fields.js';
import { refuseInput } from './failures.js';
import { isObject, setMember } from './json.js';

export const PRIORITIES = ['NORMAL', 'HIGH', 'LOW'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** The request for one action on one platform for one account. */
export class Envelope {
  @Text('The platform: twitch, youtube or discord', { max: 32, example: 'twitch' })
  platform!: string;

  @Text('The action type, as listed in the catalogue', { max: 64, example: 'chat_message' })
  action_type!: string;

  @Id(
    "Whose channel: a Twitch broadcaster id, a YouTube channel id; empty for the platform's default account",
    {
      optional: true,
      example: '1001',
    },
  )
  account_id?: string;

  @Values('The parameters of the action', { default: {} })
  parameters!: Record<string, unknown>;

  @Text("The caller's own key: the same key and content is carried out once", {
    optional: true,
    max: 255,
    unit: 'bytes',
  })
  idempotency_key?: string;

  @Text('Correlation only: comes back in the answer and stands in the log', {
    optional: true,
    max: 255,
  })
  request_id?: string;

  @Flag('Show what would be sent, and send nothing', { default: false })
  dry_run!: boolean;

  @Flag('Answer at once and carry out later', { default: false })
  run_async!: boolean;

  @Timestamp('When to carry out, as an RFC 3339 time', {
    optional: true,
    example: '2027-01-31T18:30:00Z',
  })
  run_at?: string;

  @Text('Where to send the outcome once it is known, signed as a Standard Webhook', {
    optional: true,
    max: 2048,
    example: 'https://router.example/outcomes',
  })
  callback_url?: string;

  @Choice('HIGH may spend reserves that NORMAL and LOW may not', PRIORITIES, { default: 'NORMAL' })
  priority!: Priority;

  @Id("Twitch: who acts in the account's channel; empty for the account itself", {
    optional: true,
    example: '1002',
  })
  actor_id?: string;

  @Text('Credentials held by an outside service, instead of account_id', {
    optional: true,
    max: 255,
  })
  credential_ref?: string;
}

/** proto3 has no absent string: an empty one means "not given". */
function dropEmptyTexts(raw: Record<string, unknown>): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(raw)) if (raw[name] !== '') setMember(given, name, raw[name]);
  return given;
}

/** Reads an untrusted envelope. @throws ActionFailure INVALID_INPUT naming every wrong field. */
export function parseEnvelope(raw: unknown): Envelope {
  const parsed = parseFields(Envelope, isObject(raw) ? dropEmptyTexts(raw) : raw);
  if (!parsed.ok) throw refuseInput(parsed.violations);
  return parsed.value;
}
