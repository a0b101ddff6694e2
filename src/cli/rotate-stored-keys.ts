import 'reflect-metadata';
import { CommandError, runOnDatabase } from './command.js';
import { Database } from '../database/database.js';
import { forgetKey, keepCurrentCanary } from '../database/key-canaries.js';
import { type RotationCount, rotateColumn } from '../database/key-rotation.js';
import { Vault } from '../database/vault.js';
import { SEALED_COLUMNS } from '../sealed-columns.js';
import { readOptions } from '../start/read-options.js';

const USAGE = `Encrypts everything again with the first key of TOKEN_ENCRYPTION_KEYS.

  npm run keys:rotate [-- --forget ID]

  --forget ID   continue without a key that is lost for good; nothing is encrypted again
`;

const { forget } = readOptions({ options: { forget: { type: 'string' } } }, USAGE).values;
const say = (line: string): unknown => process.stdout.write(`${line}\n`);

await runOnDatabase(async (dataSource, config) => {
  const [current] = config.encryptionKeys;
  const vault = new Vault(config.encryptionKeys);
  const database = new Database(dataSource);
  const counts: RotationCount[] = [];
  if (forget !== undefined) {
    if (config.encryptionKeys.some(({ id }) => id === forget))
      throw new CommandError(
        `The key "${forget}" is in TOKEN_ENCRYPTION_KEYS and cannot be forgotten: take it out first`,
      );
    if (!(await forgetKey(dataSource, forget)))
      throw new CommandError(`No key "${forget}" is known to this database`);
    say(`The key "${forget}" is forgotten: connect the accounts again that it encrypted.`);
    return;
  }
  say(`Everything encrypted with another key than "${current?.id}" is encrypted again with it.`);
  for (const sealed of SEALED_COLUMNS)
    counts.push(await rotateColumn(database, vault, sealed, say));
  for (const { table, column, rotated, overtaken, unreadable, left } of counts) {
    say(
      `${table}.${column}: rotated ${rotated}, changed by others meanwhile ${overtaken}, unreadable ${unreadable}, left ${left}`,
    );
  }
  if (counts.every(({ left }) => left === 0)) {
    await keepCurrentCanary(dataSource, vault);
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
