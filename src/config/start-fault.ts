/**
 * A fault at the start that an operator can mend. The message is one sentence that names the setting and
 * the mend; it is shown alone, without a stack trace.
 */
export class StartFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartFault';
  }
}
