import 'reflect-metadata';
import { runOnDatabase } from './command.js';

// Opening the database is what migrates it, under the lock that replicas take as well.
await runOnDatabase(async () => {
  process.stdout.write('The database has every migration of this version.\n');
});
