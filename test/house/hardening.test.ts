// Real: the built gateway as a process, PostgreSQL, its REST door, the sandbox's own. Fake: Twitch, at the wire.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { House } from '../support/two-doors.js';

let house: House;

beforeAll(async () => {
  house = await House.open();
});

afterAll(() => house?.close());

/** Directives of a policy, by name. */
function readPolicy(headers: Headers): ReadonlyMap<string, string> {
  const policy = headers.get('content-security-policy') ?? '';
  return new Map(
    policy.split(';').flatMap((directive) => {
      const [name = '', ...values] = directive.trim().split(' ');
      return name === '' ? [] : [[name, values.join(' ')] as const];
    }),
  );
}

describe('every answer of the REST door', () => {
  it.each([
    '/docs',
    '/docs/style.css',
    '/docs/actions/twitch/ban',
    '/llms.txt',
    '/openapi.json',
    '/health',
    '/health/ready',
    '/metrics',
    '/oauth/twitch/callback?state=nobodys&code=x',
    '/api/v1/accounts',
    '/nowhere',
  ])('has the headers that keep browsers in check: %s', async (path) => {
    const { restUrl } = house.doors.gateway;
    const { headers } = await fetch(restUrl + path, { headers: { accept: 'text/html' } });
    const policy = readPolicy(headers);
    expect(policy.get('default-src')).toMatch(/^'(self|none)'$/);
    expect(policy.get('frame-ancestors')).toBe("'none'");
    expect(policy.get('script-src') ?? '').not.toMatch(/unsafe/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('set-cookie')).toBeNull();
  });

  it('lets no other origin read it', async () => {
    const { restUrl } = house.doors.gateway;
    const origin = { origin: 'https://elsewhere.example' };
    const { headers } = await fetch(`${restUrl}/api/v1/accounts`, { headers: origin });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the pages of the sandbox', () => {
  it.each(['/sandbox', '/discord/oauth2/authorize'])(
    'run no script but their own: %s',
    async (path) => {
      const { headers } = await fetch(house.sandbox.url + path);
      const policy = readPolicy(headers);
      expect(policy.get('default-src')).toBe("'none'");
      expect(policy.get('script-src') ?? "'none'").toMatch(/^('none'|'nonce-[^ ]+')$/);
      expect(policy.get('frame-ancestors')).toBe("'none'");
    },
  );
});

async function breakTable(name: string): Promise<void> {
  await runSql(`ALTER TABLE ${name} RENAME TO ${name}_away`);
  await runSql(`CREATE VIEW ${name} AS SELECT * FROM ${name}_away WHERE 1 / 0 = 1`);
}

async function mendTable(name: string): Promise<void> {
  await runSql(`DROP VIEW ${name}`);
  await runSql(`ALTER TABLE ${name}_away RENAME TO ${name}`);
}

describe('a fault of the gateway', () => {
  it('shows nothing of itself outside, on either door', async () => {
    // Views in the place of tables, of which every look is a fault.
    await breakTable('audit_events');
    const rest = await house.doors.rest('GET', '/api/v1/audit/events');
    await mendTable('audit_events');
    expect(rest.status).toBe(500);
    expect(rest.body).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: 'The gateway met a fault of its own; it is in the log',
      error: 'The gateway met a fault of its own; it is in the log',
    });
    expect(await house.doors.gateway.waitForLine(/division by zero/)).toMatch(
      /A request met a fault/,
    );
    await breakTable('actions');
    const id = '0190a000-0000-7000-8000-000000000000';
    const refusal = await house.doors.grpc
      .readStatus(id)
      .catch((error: { code: string; details: string }) => error);
    await mendTable('actions');
    expect(refusal).toMatchObject({ code: 'INTERNAL' });
    expect(JSON.stringify(refusal)).not.toMatch(/column|\.js|node_modules| at /);
  });
});

describe('a line of the log', () => {
  it('is one line, whatever a caller writes', async () => {
    const request_id = `x\n{"level":30,"msg":"forged"}\r\n\u001b[31m`;
    const { action_id } = await house.doors.execute('rest', {
      platform: 'twitch',
      action_type: 'chat_message',
      account_id: '1001',
      parameters: { message: 'hi' },
      request_id,
    });
    const line = await house.doors.gateway.waitForLine(new RegExp(`"action_id":"${action_id}"`));
    expect(JSON.parse(line)).toMatchObject({ action_id, request_id });
    const lines = house.doors.gateway.output().split('\n');
    expect(lines.filter((text) => text.includes('\u001b'))).toEqual([]);
    expect(lines.filter((text) => text.startsWith('{"level":30,"msg":"forged"'))).toEqual([]);
  });
});

async function runSql(text: string): Promise<void> {
  const client = new Client({ connectionString: house.database.url });
  await client.connect();
  await client.query(text).finally(() => client.end());
}
