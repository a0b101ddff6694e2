import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';

/**
 * The pool of connections below a data source of TypeORM for PostgreSQL, for statements whose SQL is written
 * by hand. TypeORM keeps it as a member of its driver that is not documented.
 */
export function findPool({ driver }: DataSource): Pool {
  const { master } = driver as unknown as { readonly master?: Pool };
  if (!master) throw new Error('TypeORM keeps the pool of PostgreSQL elsewhere in this version');
  return master;
}
