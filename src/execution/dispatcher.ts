import { Injectable } from '@nestjs/common';
import type { HeldCredential } from '../accounts/held-credential.js';
import { type FlagSubject, Flags, type FlagTargets } from '../safeguards/flags.js';
import type { Admitted } from './admission.js';
import { Recording } from './recording.js';
import type { Run } from './run.js';
import { UpstreamConnector } from './upstream-connector.js';
import type { UpstreamSession } from './upstream-session.js';

/** Opens the upstream sessions of actions. */
@Injectable()
export class Dispatcher {
  constructor(
    private readonly upstream: UpstreamConnector,
    private readonly recording: Recording,
    private readonly flags: Flags,
  ) {}

  open(
    run: Run,
    { envelope, found: { platform, action }, input, context }: Admitted,
    credential: HeldCredential,
    subject: FlagSubject,
    targets: FlagTargets,
  ): UpstreamSession {
    run.session = this.upstream.open(platform, action, credential, run.deadline, {
      limits: action.limits(context, input),
      priority: envelope.priority,
      begin: () => {
        // A flag may have been switched off while the action waited for its turn.
        this.flags.require(subject, targets);
        run.deadline.throwIfOver();
        return this.recording.begin(run, action);
      },
      report: (report) => this.recording.report(run, action, report),
      trace: run.trace,
      isRepeat: run.waited?.status === 'UNKNOWN',
      file: run.call.file,
    });
    return run.session;
  }
}
