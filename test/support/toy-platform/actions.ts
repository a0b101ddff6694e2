import { type Action, type ActionContext, defineAction } from '../../../src/actions/action.js';
import { Flag, Id, Text } from '../../../src/actions/fields.js';
import type { Limit } from '../../../src/actions/limit.js';

const DOCS = 'https://guestbook.example/docs';

class Entry {
  @Text('What the entry says', { max: 200, example: 'I was here' })
  text!: string;
}

class WrittenEntry {
  @Id('Id of the entry')
  entry_id!: string;
}

/** Three entries a minute for each account: the limit of this platform. */
function limitEntries({ account }: ActionContext): Limit[] {
  const bucket = `guestbook:entries:${account.id}`;
  return [{ kind: 'window', bucket, account: account.id, tokens: 3, windowMs: 60_000 }];
}

const writeEntry = defineAction({
  type: 'write_entry',
  group: 'entries',
  summary: 'Write into the guestbook',
  docs: `${DOCS}#write`,
  effect: 'create',
  scopes: ['entries:write'],
  actsAs: 'account',
  input: Entry,
  output: WrittenEntry,
  limits: limitEntries,
  request: ({ text }) => ({ method: 'POST', path: '/entries', body: { text } }),
  response: ({ id }: { readonly id: string }) => ({ entry_id: id }),
  example: { input: { text: 'I was here' }, output: { entry_id: 'e1' } },
});

class EntryOf {
  @Id('Id of the entry', { example: 'e1' })
  entry_id!: string;
}

class RemovedEntry {
  @Flag('The entry is gone')
  removed!: boolean;
}

const removeEntry = defineAction({
  type: 'remove_entry',
  group: 'entries',
  summary: 'Remove an entry of the guestbook',
  docs: `${DOCS}#remove`,
  effect: 'delete',
  scopes: ['entries:write'],
  actsAs: 'account',
  input: EntryOf,
  output: RemovedEntry,
  request: ({ entry_id }) => ({ method: 'DELETE', path: `/entries/${entry_id}` }),
  response: () => ({ removed: true }),
  example: { input: { entry_id: 'e1' }, output: { removed: true } },
});

export const guestbookActions: readonly Action[] = [writeEntry, removeEntry];
