import { SmallSet } from './small-set.js';

export const PERMISSIONS = [
  'execute_actions',
  'manage_accounts',
  'manage_flags',
  'read_audit',
  'manage_callers',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/**
 * What a caller may cause at the platforms, besides its bounds: reads alone; reads and what only adds; or writes
 * that another caller approves, one by one.
 */
export const POLICIES = ['read_only', 'no_destructive_effects', 'approval_first'] as const;
export type Policy = (typeof POLICIES)[number];

/** The part of AbortSignal that the recipe needs. */
export interface Cancelled {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The signal of one call. An AbortSignal of Node.js costs as much as a request to a platform. */
export class CallSignal implements Cancelled {
  readonly #listeners = new SmallSet<() => void>();
  #isAborted = false;

  get aborted(): boolean {
    return this.#isAborted;
  }

  abort(): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    for (const listener of this.#listeners.takeAll()) listener();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.#isAborted) this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }
}

export type Door = 'grpc' | 'rest' | 'mcp';
