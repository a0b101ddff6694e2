/** The name of the flag that switches every action. */
export const EVERYTHING = '*';

/** A key of a flag in its parts. */
export interface FlagKey {
  /** What is switched: `*`, `twitch`, `twitch.chat` or `twitch.chat_message`. */
  readonly name: string;
  readonly platform: string;
  /** For whom alone; undefined for everybody. */
  readonly scope: { readonly kind: 'account' | 'caller'; readonly id: string } | undefined;
}

/** How a key is written, for people. */
export const FLAG_KEY_FORM =
  '* for everything, <platform>, <platform>.<group> or <platform>.<action_type>, with @account:<id> or @caller:<id> behind it for one alone';

/** Names of callers are free text; only what cannot be stored or printed is left out. */
const FORM =
  /^((\*|[a-z][a-z0-9_]*)(?:(?<!\*)\.[a-z][a-z0-9_]*)?)(?:@(account|caller):([^\p{Cc}]{1,220}))?$/u;

/** A key in its parts; undefined for what is none. */
export function readFlagKey(text: string): FlagKey | undefined {
  const [, name, platform, kind, id] = FORM.exec(text) ?? [];
  if (name === undefined || platform === undefined) return undefined;
  const scope = id === undefined ? undefined : { kind: kind as 'account' | 'caller', id };
  return { name, platform, scope };
}
