import { Pool, type PoolConfig } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';

/** A data source with a second pool beside that of TypeORM, for prepared statements; both close together. */
export class PooledDataSource extends DataSource {
  readonly prepared: Pool;

  constructor(options: DataSourceOptions, prepared: PoolConfig, onError: (error: Error) => void) {
    super(options);
    this.prepared = new Pool(prepared);
    this.prepared.on('error', onError);
  }

  override async destroy(): Promise<void> {
    await this.prepared.end();
    await super.destroy();
  }
}
