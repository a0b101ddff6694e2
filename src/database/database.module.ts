import { type DynamicModule, Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Database } from './database.js';
import type { PooledDataSource } from './pooled-data-source.js';
import { Vault } from './vault.js';

/** One opened data source and one vault for the whole house; Nest closes the pool last. */
@Global()
@Module({})
export class DatabaseModule {
  static register(dataSource: PooledDataSource, vault: Vault): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => dataSource.options,
          dataSourceFactory: async () => dataSource,
        }),
      ],
      providers: [
        { provide: Database, useFactory: () => new Database(dataSource) },
        { provide: Vault, useValue: vault },
      ],
      exports: [Database, Vault, TypeOrmModule],
    };
  }
}
