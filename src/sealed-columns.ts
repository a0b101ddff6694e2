import { SEALED_ACCOUNTS } from './accounts/sealed-columns.js';
import { SEALED_ENVELOPES } from './queue/action-queue.js';
import { SEALED_KEPT_ENVELOPES } from './queue/kept-envelopes.js';
import { SEALED_CALLBACKS } from './queue/callbacks.js';
import type { SealedColumn } from './database/key-rotation.js';
import { SEALED_WEBHOOKS } from './media/contract/sealed-columns.js';
import { SEALED_ANSWERS } from './safeguards/idempotency.js';

/** Every column of ciphertext, of all rooms. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  ...SEALED_ACCOUNTS,
  SEALED_ANSWERS,
  SEALED_ENVELOPES,
  SEALED_KEPT_ENVELOPES,
  SEALED_CALLBACKS,
  SEALED_WEBHOOKS,
];
