import type { RequestBounds } from './connection.js';
import { resultOf } from './errors.js';
import { toWire } from './names.js';
import type { Outcome } from './outcome.js';

/** Whose channel, server or bot an action is for. */
export interface AccountTarget {
  /** Id of the account, as the gateway knows it; left out for the platform's default account. */
  readonly account?: string;
  /** Credentials that an outside service holds, in place of `account`. */
  readonly credentialRef?: string;
}

/** An account, and another one that acts in its channel. */
export interface ActorTarget extends AccountTarget {
  /** Who acts, where it is not the account itself. */
  readonly actor?: string;
}

/** How a call is carried out. */
export interface CallOptions extends RequestBounds {
  /** The caller's own key: the same key and content is carried out once. Made for each call when left out. */
  readonly idempotencyKey?: string;
  /** Show what would be sent, and send nothing. */
  readonly dryRun?: boolean;
  /** Answer at once, and carry out later. */
  readonly runAsync?: boolean;
  /** When to carry out. */
  readonly runAt?: Date | string;
  /** Where the gateway sends the outcome. */
  readonly callbackUrl?: string;
  /** `HIGH` may spend reserves. */
  readonly priority?: 'NORMAL' | 'HIGH' | 'LOW';
  /** Correlation only: comes back in the outcome. */
  readonly requestId?: string;
  /** A file for an action that takes one, in place of its address. */
  readonly upload?: Blob;
}

/** The request for one action, with parameters named as in the contract (docs/actions.md). */
export interface ActionRequest extends ActorTarget, Omit<CallOptions, keyof RequestBounds> {
  readonly platform: string;
  readonly actionType: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export type ActionPromise<Result> = Promise<Outcome<Result>>;

/** Sends a request. @param free paths of objects whose member names are left alone */
export type Act = (
  request: ActionRequest,
  bounds: RequestBounds,
  free: readonly string[],
) => Promise<Outcome<unknown>>;

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextPageToken?: string;
}

/** What the classes of the platforms have in common. */
export class PlatformActions {
  constructor(
    private readonly platform: string,
    private readonly send: Act,
  ) {}

  protected act<Result>(
    actionType: string,
    given: ActorTarget & object,
    { signal, timeoutMs, ...options }: CallOptions = {},
    free: readonly string[] = [],
  ): ActionPromise<Result> {
    const { account, actor, credentialRef, ...parameters } = given;
    return this.send(
      {
        platform: this.platform,
        actionType,
        account,
        actor,
        credentialRef,
        parameters: toWire(parameters, free) as Record<string, unknown>,
        ...options,
      },
      { signal, timeoutMs },
      free,
    ) as ActionPromise<Result>;
  }

  /** The items of all pages. @throws ActionError where a page is refused */
  protected async *iterate<Item>(
    read: (page: { readonly pageToken?: string }) => ActionPromise<Page<Item>>,
  ): AsyncIterableIterator<Item> {
    let page: { pageToken?: string } = {};
    for (;;) {
      const { items, nextPageToken } = resultOf(await read(page));
      yield* items;
      if (nextPageToken === undefined) return;
      page = { pageToken: nextPageToken };
    }
  }
}
