interface AnyLimit {
  /** The name of the limit, its platform first, such as `twitch:chat:1002:1001`. */
  readonly bucket: string;
  /** The account it belongs to, for the list of an account's limits. */
  readonly account?: string;
  /** What this request takes; defaults to 1. */
  readonly cost?: number;
}

/** At most `tokens` in any `windowMs` milliseconds. */
export interface WindowLimit extends AnyLimit {
  readonly kind: 'window';
  readonly tokens: number;
  readonly windowMs: number;
  /** Counts only distinct members, such as the recipients of whispers. */
  readonly member?: string;
}

/**
 * Windows that begin with a request. The platform's answers give their size and end; until then, assumed
 * values apply.
 */
export interface LearnedLimit extends AnyLimit {
  readonly kind: 'learned';
  readonly assumed: {
    readonly tokens: number;
    readonly windowMs: number;
    /** The assumed values come from answers about other resources, and may be relied on. */
    readonly isTold?: boolean;
  };
  /** Set if the platform names the buckets of its routes, with one for each resource. */
  readonly route?: {
    readonly name: string;
    /** The account and the resource of the bucket: the part after the platform's name for it. */
    readonly of: string;
  };
}

/** Units a day. A spent quota is not waited for. */
export interface DailyLimit extends AnyLimit {
  readonly kind: 'daily';
  readonly units: number;
  /** Milliseconds until the day ends, at a Unix time in milliseconds. */
  readonly countToReset: (now: number) => number;
  /** Units that only priority HIGH may take. */
  readonly reserve: number;
  /** The account that spends them, where several accounts share the day. */
  readonly payer?: string;
}

/** The most refusals by the platform within a time; nothing is sent until there are fewer. */
export interface RefusalLimit extends AnyLimit {
  readonly kind: 'noes';
  readonly noes: number;
  readonly windowMs: number;
}

/** A limit that a request counts against. Platforms and actions declare limits, the safeguards keep them. */
export type Limit = WindowLimit | LearnedLimit | DailyLimit | RefusalLimit;

/** What an answer says about one limit of its request. */
export type LimitNews = { readonly bucket: string } & (
  | {
      /** The state of a learned window. */
      readonly kind: 'standing';
      readonly tokens: number;
      readonly remaining: number;
      readonly resetAfterMs: number;
      /** The name that the platform gives the bucket. */
      readonly name?: string;
    }
  /** The answer says nothing about a learned window, but the window has begun. */
  | { readonly kind: 'silent' }
  /** The platform accepts nothing for a while; then the bucket is full again. */
  | { readonly kind: 'closed'; readonly forMs: number }
  /**
   * The platform accepts nothing for a while because of other clients. The window goes on, and its used
   * part stays used.
   */
  | { readonly kind: 'paused'; readonly forMs: number }
  /** The units of the day are spent, even if fewer were counted. */
  | { readonly kind: 'spent' }
  /** A refusal that counts. */
  | { readonly kind: 'no' }
);
