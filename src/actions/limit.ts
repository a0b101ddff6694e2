interface AnyLimit {
  /** Names what is limited, its platform first, such as `twitch:chat:1002:1001`. */
  readonly bucket: string;
  /** The account it belongs to, for whoever looks at the limits of one. */
  readonly account?: string;
  /** What this request takes; 1 when left out. */
  readonly cost?: number;
}

/** At most `tokens` in any `windowMs` milliseconds. */
export interface WindowLimit extends AnyLimit {
  readonly kind: 'window';
  readonly tokens: number;
  readonly windowMs: number;
  /** Counts distinct members alone, such as the recipients of whispers. */
  readonly member?: string;
}

/**
 * Windows that begin with a request and whose size and end the platform tells in its answers. Until it
 * has, the assumed ones hold.
 */
export interface LearnedLimit extends AnyLimit {
  readonly kind: 'learned';
  readonly assumed: {
    readonly tokens: number;
    readonly windowMs: number;
    /** The platform told so of other resources: places may be given away on it. */
    readonly isTold?: boolean;
  };
  /** Where the platform itself names the buckets of routes, and a route has one for each resource. */
  readonly route?: {
    readonly name: string;
    /** Whose bucket it is, and of which resource: what follows the name that the platform gives. */
    readonly of: string;
  };
}

/** So many units a day. Never waited for. */
export interface DailyLimit extends AnyLimit {
  readonly kind: 'daily';
  readonly units: number;
  /** Milliseconds until the day ends, at a Unix time in milliseconds. */
  readonly countToReset: (now: number) => number;
  /** Units that only priority HIGH may take. */
  readonly reserve: number;
}

/** So many noes of the platform in a while, and then nothing is sent until they are fewer. */
export interface RefusalLimit extends AnyLimit {
  readonly kind: 'noes';
  readonly noes: number;
  readonly windowMs: number;
}

/** What a request counts against; made by platforms and their actions, kept by the safeguards. */
export type Limit = WindowLimit | LearnedLimit | DailyLimit | RefusalLimit;

/** What an answer says about a limit of its request, named by the bucket. */
export type LimitNews = { readonly bucket: string } & (
  | {
      /** How a learned window stands. */
      readonly kind: 'standing';
      readonly tokens: number;
      readonly remaining: number;
      readonly resetAfterMs: number;
      /** The name that the platform gives the bucket. */
      readonly name?: string;
    }
  /** An answer that says nothing about a learned window, which began all the same. */
  | { readonly kind: 'silent' }
  /** The platform takes nothing more for a while, and then the bucket is full again. */
  | { readonly kind: 'closed'; readonly forMs: number }
  /**
   * The platform takes nothing for a while because of what others did. The window goes on, and what was
   * used of it stays used.
   */
  | { readonly kind: 'paused'; readonly forMs: number }
  /** The units of the day are spent, whatever we counted. */
  | { readonly kind: 'spent' }
  /** A no that counts. */
  | { readonly kind: 'no' }
);
