import { DoorRefusal } from '../actions/door-refusal.js';
import type { CredentialFault } from './predecessor.js';

/** Nobody is let in with this; each earlier service says so in words of its own. */
export class CredentialRefusal extends DoorRefusal {
  constructor(
    readonly fault: CredentialFault,
    /** What is wrong, as the end of a sentence. */
    readonly detail: string,
  ) {
    super('UNAUTHENTICATED', 401, `${fault} credentials: ${detail}`);
  }
}
