import { DoorRefusal } from '../actions/door-refusal.js';
import type { CredentialFault } from './predecessor.js';

/** A missing or wrong credential. Each earlier service words this refusal in its own way. */
export class CredentialRefusal extends DoorRefusal {
  constructor(
    readonly fault: CredentialFault,
    /** What is wrong, as the end of a sentence. */
    readonly detail: string,
  ) {
    super('UNAUTHENTICATED', 401, `${fault} credentials: ${detail}`);
  }
}
