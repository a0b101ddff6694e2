import { Injectable } from '@nestjs/common';
import { Accounts } from '../accounts/accounts.js';
import type { CredentialReference } from '../accounts/held-credential.js';
import { Admission, type Admitted, findLine } from './admission.js';
import { findContext, requirePermission } from './envelope-checks.js';
import type { Run } from './run.js';

/** Resolves the credential_ref of an envelope, so that the steps after it know an account alone. */
@Injectable()
export class CredentialReferences {
  constructor(
    private readonly accounts: Accounts,
    private readonly admission: Admission,
  ) {}

  /**
   * Finds the account behind a reference, checks the caller's permission for it, and moves the action
   * from the line of the reference to the line of the account.
   * @throws ActionFailure of the credential service, or NOT_ALLOWED
   */
  async resolve(run: Run, admitted: Admitted, reference: CredentialReference): Promise<Admitted> {
    const { call, deadline } = run;
    const { envelope, found, input, isForLater } = admitted;
    const mayAskPlatform = !envelope.dry_run;
    const credential = await run.trace.step('accounts', () =>
      deadline.race(this.accounts.borrow(found.platform, reference, mayAskPlatform)),
    );
    run.envelope = { ...envelope, account_id: credential.accountId };
    const context = findContext(run, found, run.envelope);
    requirePermission(call, run.envelope, context, found.action);
    const arrival = run.turn;
    if (arrival?.comes) await deadline.race(arrival.comes);
    const line = findLine(call.caller, found.action, context, input, isForLater);
    this.admission.enterLine(run, line, isForLater);
    arrival?.end();
    return { ...admitted, context, line, credential };
  }
}
