import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Priority } from '../actions/envelope.js';
import { CONFIG, type Config } from '../config/config.js';
import type { TrustedCaller } from '../config/trust.js';
import { Database } from '../database/database.js';
import { ActionNames } from './action-names.js';
import { Caller } from './caller.js';
import { Callers } from './callers.js';

/** The callers of PREDECESSOR_TRUST. Their names are unique there, and are identities of their own kind. */
@Injectable()
export class TrustedCallers implements OnModuleInit {
  /** Entries that keep the bare name as their identity, since rows of older releases have it. */
  #former: ReadonlySet<string> = new Set();

  constructor(
    private readonly database: Database,
    private readonly callers: Callers,
    private readonly names: ActionNames,
    @Inject(CONFIG) private readonly config: Pick<Config, 'trusted'>,
  ) {}

  async onModuleInit(): Promise<void> {
    // The first replica of this release closes the list. Names of callers with keys are excluded.
    await this.database.change(
      `WITH closed AS (DELETE FROM former_trusted_names_open RETURNING 1)
       INSERT INTO former_trusted_names
       SELECT name FROM unnest($1::text[]) AS n (name), closed
       WHERE NOT EXISTS (SELECT 1 FROM callers WHERE callers.id = n.name AND callers.name IS NULL)
       ON CONFLICT DO NOTHING`,
      [this.config.trusted.map(({ name }) => name)],
    );
    const rows = await this.database.query<{ name: string }>(
      'SELECT name FROM former_trusted_names',
    );
    this.#former = new Set(rows.map(({ name }) => name));
    this.callers.reserve(this.#former);
  }

  /** The priority that the entry of a caller names; undefined for any other caller. */
  findPriority({ kind, id }: Caller): Priority | undefined {
    if (kind !== 'trusted') return undefined;
    return this.config.trusted.find((entry) => this.#identify(entry) === id)?.priority;
  }

  /** The caller of an entry, with the names of its actions instead of those of their groups. */
  findCaller(entry: TrustedCaller): Caller {
    const { name, bounds } = entry;
    const { actions } = bounds;
    return new Caller({
      ...bounds,
      kind: 'trusted',
      id: this.#identify(entry),
      name,
      actions: actions && this.names.expandActions(actions),
    });
  }

  #identify({ name }: TrustedCaller): string {
    return this.#former.has(name) ? name : `trust:${name}`;
  }
}
