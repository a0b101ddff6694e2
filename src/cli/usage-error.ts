/** What the user of the command line has to correct; the message alone is shown. Ends the process with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
