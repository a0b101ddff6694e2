import 'reflect-metadata';
import { SEALED_ACCOUNTS } from './accounts/sealed-columns.js';
import { SEALED_ENVELOPES } from './audit/action-queue.js';
import { SEALED_CALLBACKS } from './audit/callbacks.js';
import { Database } from './database/database.js';
import { type RotationCount, rotateColumn } from './database/key-rotation.js';
import { Vault } from './database/vault.js';
import { runOnDatabase } from './command.js';
import { SEALED_WEBHOOKS } from './media/media-jobs.js';
import { SEALED_ANSWERS } from './safeguards/idempotency.js';

const say = (line: string): unknown => process.stdout.write(`${line}\n`);

await runOnDatabase(async (dataSource, config) => {
  const [current] = config.encryptionKeys;
  say(`Everything encrypted with another key than "${current?.id}" is encrypted anew with it.`);
  const vault = new Vault(config.encryptionKeys);
  const database = new Database(dataSource);
  const counts: RotationCount[] = [];
  const columns = [SEALED_ANSWERS, SEALED_ENVELOPES, SEALED_CALLBACKS, SEALED_WEBHOOKS];
  for (const sealed of [...SEALED_ACCOUNTS, ...columns])
    counts.push(await rotateColumn(database, vault, sealed, say));
  for (const { table, column, rotated, overtaken, unreadable, left } of counts) {
    say(
      `${table}.${column}: rotated ${rotated}, changed by others meanwhile ${overtaken}, unreadable ${unreadable}, left ${left}`,
    );
  }
  if (counts.every(({ left }) => left === 0)) {
    say('Nothing is left: the other keys may be taken out of TOKEN_ENCRYPTION_KEYS.');
    return;
  }
  const unreadable = counts.reduce((sum, count) => sum + count.unreadable, 0);
  say(
    unreadable > 0
      ? 'Some values open with no key in TOKEN_ENCRYPTION_KEYS: add the key they name, or connect these accounts again.'
      : 'Some values were written with another key meanwhile: give all gateways the same first key, and run this again.',
  );
  process.exitCode = 1;
});
