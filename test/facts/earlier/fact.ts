/**
 * Facts about the earlier services: what they answered to a request, and what they sent to the platform.
 * They were read in the services' source and measured at the running services; the wording is ours.
 *
 * Texts may name parts of the scene that a case is played in, such as `{channel}`. In answers, `<id>` and
 * `<text>` stand for any text that is not empty, `<number>` for any number, `<any>` for anything, and a text
 * that begins with `~` is a regular expression. An answer may have more members than are named.
 */
export type EarlierService =
  'discord' | 'twitch' | 'youtube' | 'router' | 'workflow' | 'hub' | 'toolkit';

/** A request, over HTTP or as an RPC. */
export interface EarlierRequest {
  readonly body?: unknown;
  /** Left out, the token that the service's own door gives. Null sends no credential. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface EarlierAnswer {
  /** Of HTTP; an RPC was always answered with OK. */
  readonly status?: number;
  readonly body: unknown;
  /** What was written at the platform, as `METHOD /path` below the platform's API; nothing when left out. */
  readonly calls?: readonly string[];
  /** Members of the first of these requests: of its body and its query. */
  readonly sent?: Readonly<Record<string, unknown>>;
}

/** A fault that the platform has once, or as often as `times` says. */
interface PlatformFault {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly kind?: 'status' | 'hang';
  readonly times?: number;
}

/** One case: what was asked, what the earlier service did, and what is different here, if anything is. */
export interface EarlierFact {
  readonly service: EarlierService;
  readonly door: 'REST' | 'gRPC';
  /** The route as `METHOD /path`, with `:name` for what is filled in, or the name of the RPC. */
  readonly at: string;
  /** What the case is about, as the end of the title of a test. */
  readonly what: string;
  /** The path with its parts filled in, where the route has some. */
  readonly path?: string;
  readonly asked: EarlierRequest;
  readonly fault?: PlatformFault;
  readonly was: EarlierAnswer;
  /** What is done here instead, and why. Left out, the same. */
  readonly now?: {
    readonly verdict: 'deliberate' | 'better';
    readonly why: string;
    readonly answer: EarlierAnswer;
  };
}

/** The verdict on a fact. */
export function judge({ now }: EarlierFact): 'same' | 'deliberate' | 'better' {
  return now?.verdict ?? 'same';
}
