import type { Outcome } from '../actions/outcome.js';

/** What the log knows of an action from the moment it is received; parameters are redacted already. */
export interface ActionEntry {
  readonly id: string;
  readonly platform: string;
  readonly action_type: string;
  readonly account_id: string;
  readonly actor_id: string;
  readonly effect: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly caller_id: string;
  /** The tenant of the caller; empty for none. */
  readonly owner: string;
  readonly door: string;
  readonly request_id: string;
  readonly trace_id: string;
  readonly idempotency_key: string | null;
  readonly priority: string;
  readonly sandbox: boolean;
  readonly received_at: string;
  /** When it shall be carried out, for a scheduled one. */
  readonly run_at: string | null;
  /** The batch it came in. */
  readonly batch_id: string | null;
  /** The identity of the caller, which holds its key; undefined for an action without one. */
  readonly key_holder?: string | undefined;
  /** Sealed: the address that receives the outcome. */
  readonly callback_url?: string;
}

/** A key to be claimed together with the first row of its action. */
export interface ClaimedKey {
  readonly key: string;
  readonly fingerprint: string;
  readonly lifeSeconds: number;
}

/** How an action ended, for its row. */
export interface ActionEnding {
  readonly outcome: Outcome;
  /** The result as the log may keep it. */
  readonly redactedResult: Readonly<Record<string, unknown>>;
  readonly attempts: number;
  /** Ciphertext of the answer, for replays; null frees the key, undefined when there is none. */
  readonly answer?: string | null;
  /** The key as it was claimed, for a row that has to be written once more. */
  readonly claim?: ClaimedKey;
  /** The start was given up before the database answered: its row may be missing, or come late. */
  readonly isUnsure?: boolean;
  /** How long the key lives on from now, where it lived as long as its action waited. Seconds. */
  readonly keyLifeSeconds?: number;
  /** The envelope was kept with the started row; its outcome is known now, and it goes. */
  readonly isInsured?: boolean;
  /**
   * Nothing of it was sent. Where another replica has taken over meanwhile, to find out what became of it,
   * this ending says nothing, and is not written.
   */
  readonly isUnsent?: boolean;
  /** It came from the queue, which alone knows whether a callback is due. */
  readonly hasWaited?: boolean;
}

/** An action that begins, with what its first row keeps. */
export interface StartItem {
  readonly entry: ActionEntry;
  readonly claim: ClaimedKey | undefined;
  /** The sealed envelope of an action that can be sent again without harm. */
  readonly insurance: string | undefined;
}

/** An action that is accepted for later, and the line it waits in. */
export interface AcceptedItem {
  readonly entry: ActionEntry;
  /** One line for people, as the caller is answered. */
  readonly message: string;
  readonly claim: ClaimedKey | undefined;
  readonly line: string;
  /** Its sealed envelope. */
  readonly sealed: string;
}

/** An action and how it ended: all that is needed to record it once more. */
export interface FinishItem {
  readonly entry: ActionEntry;
  readonly ending: ActionEnding;
}
