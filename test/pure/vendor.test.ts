// Real: the libraries whose undocumented parts src/vendor uses. A new version that moves one is noticed here.
import 'reflect-metadata';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { DataSource } from 'typeorm';
import { ValidateBy, Validator } from '../../src/vendor/class-validator.js';
import { writeAtLevel } from '../../src/vendor/pino.js';
import { findPool } from '../../src/vendor/typeorm.js';
import { Agent, buildConnector } from '../../src/vendor/undici.js';

describe('src/vendor', () => {
  it('class-validator: a decorator that is made here is found by the validator', () => {
    class Sample {
      @ValidateBy({ name: 'isEven', validator: { validate: (value) => Number(value) % 2 === 0 } })
      value = 1;
    }
    const [fault] = new Validator().validateSync(new Sample());
    expect(fault?.constraints).toHaveProperty('isEven');
  });

  it('undici: an agent has a connector of its own, and dispatches', async () => {
    expect(buildConnector({ timeout: 1 })).toBeTypeOf('function');
    const agent = new Agent({ connect: buildConnector({ timeout: 1_000 }) });
    const fault = new Promise<Error>((resolve) => {
      agent.dispatch(
        { origin: 'http://127.0.0.1:9', path: '/', method: 'GET' },
        {
          onRequestStart: () => undefined,
          onResponseError: (_controller, error) => resolve(error),
        },
      );
    });
    expect((await fault).message).toMatch(/ECONNREFUSED/);
    await agent.close();
  });

  it('typeorm: a data source that is not open has no pool, and says so', () => {
    const source = new DataSource({ type: 'postgres' });
    expect(() => findPool(source)).toThrow(/keeps the pool of PostgreSQL elsewhere/);
  });

  it('pino: a stream of several outlets passes a line on by its level', () => {
    const lines: Record<string, string[]> = { all: [], warnings: [] };
    const outlet = (name: string) => ({ write: (line: string) => void lines[name]?.push(line) });
    const streams = pino.multistream([
      { level: 'trace', stream: outlet('all') },
      { level: 'warn', stream: outlet('warnings') },
    ]);
    writeAtLevel(streams, 30, 'info');
    writeAtLevel(streams, 40, 'warn');
    expect(lines).toEqual({ all: ['info', 'warn'], warnings: ['warn'] });
  });
});
