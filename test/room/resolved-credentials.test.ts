// Real: PostgreSQL, a pool for each replica. Fake: the credential service and the token server, which
// are steered step by step.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { CredentialService, type ServedCredential } from '../../src/accounts/credential-service.js';
import { Renewal } from '../../src/accounts/renewal.js';
import { ResolvedCredentials } from '../../src/accounts/resolved-credentials.js';
import { type Delivery, Transport, type WireRequest } from '../../src/actions/wire.js';
import type { Database } from '../../src/database/database.js';
import { Vault } from '../../src/database/vault.js';
import { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';
import { createSharedDatabase, type SharedDatabase } from '../support/replicas.js';

const REFERENCE = { customer: 'acme', ref: 'CRED-1' };
const VAULT = new Vault([{ id: 'k1', key: randomBytes(32) }]);
const twitch = new TwitchPlatform({
  apiUrl: 'https://api.test',
  authUrl: 'https://auth.test',
  clientId: 'c',
  clientSecret: 's',
});

/** Holds one credential; hears of renewals, or does not. */
class Service extends CredentialService {
  readonly isThere = true;
  held: ServedCredential = served('first', 'refresh-0');
  hears = true;

  async resolve(): Promise<ServedCredential> {
    return this.held;
  }

  async update(_name: object, { accessToken, refreshToken }: ServedCredential): Promise<void> {
    if (!this.hears) throw new Error('it does not hear');
    this.held = served(accessToken, refreshToken ?? this.held.refreshToken ?? '');
  }
}

/** A token server whose refresh tokens are good once, and that accepts the newest access token alone. */
class TokenServer extends Transport {
  current = 'first';
  refreshToken = 'refresh-0';
  refreshes = 0;
  /** How often it gives no clear answer yet. */
  failing = 0;
  /** How many fresh tokens the platform does not know yet. */
  unknown = 0;

  async deliver({ url, headers, body }: WireRequest): Promise<Delivery> {
    if (url.endsWith('/validate')) {
      const isGood = headers['authorization'] === `OAuth ${this.current}`;
      return isGood
        ? answer(200, { user_id: '1', login: 'one', scopes: [] })
        : answer(401, { status: 401, message: 'invalid access token' });
    }
    const given = (body as URLSearchParams).get('refresh_token');
    this.refreshes += 1;
    if (this.failing > 0) {
      this.failing -= 1;
      return { kind: 'answered', answer: { status: 500, headers: {}, body: undefined } };
    }
    if (given !== this.refreshToken) return answer(400, { message: 'Invalid refresh token' });
    const fresh = `renewed-${this.refreshes}`;
    this.current = this.unknown > 0 ? 'none yet' : fresh;
    this.unknown = Math.max(0, this.unknown - 1);
    this.refreshToken = `refresh-${this.refreshes}`;
    const grant = { access_token: fresh, refresh_token: this.refreshToken };
    return answer(200, { ...grant, expires_in: 14_400 });
  }
}

function served(accessToken: string, refreshToken: string): ServedCredential {
  return { platform: 'twitch', postingIdentity: undefined, accessToken, refreshToken };
}

function answer(status: number, body: object): Delivery {
  return { kind: 'answered', answer: { status, headers: {}, body } };
}

let shared: SharedDatabase;
let database: Database;
let service: Service;
let server: TokenServer;

beforeAll(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
});

afterAll(() => shared?.close());

beforeEach(async () => {
  await database.change('TRUNCATE resolved_credentials');
  service = new Service();
  server = new TokenServer();
});

const join = async (own?: Database): Promise<ResolvedCredentials> =>
  new ResolvedCredentials(
    own ?? (await shared.join()),
    VAULT,
    server,
    new Renewal(server),
    service,
  );

/** A pool that stops before a replica takes its lease, until it may go on. */
async function joinHeld(): Promise<{
  replica: ResolvedCredentials;
  stopped: Promise<void>;
  goOn(): void;
}> {
  const own = await shared.join();
  let stop!: () => void;
  let goOn!: () => void;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
  const { change } = own;
  own.change = async (text, values) => {
    if (text.includes('AS known')) {
      stop();
      await mayGoOn;
    }
    return change.call(own, text, values);
  };
  return { replica: await join(own), stopped, goOn };
}

it('a replica that read before another renewed does not renew again', async () => {
  const first = await join();
  const { replica, stopped, goOn } = await joinHeld();
  const stale = await first.use(twitch, REFERENCE);
  expect(stale).toMatchObject({ accountId: '1', accessToken: 'first' });
  server.current = 'nothing';
  const late = replica.refresh(twitch, stale);
  await stopped;
  expect((await first.refresh(twitch, stale)).accessToken).toBe('renewed-1');
  goOn();
  expect((await late).accessToken).toBe('renewed-1');
  expect(server.refreshes).toBe(1);
});

it('a lease that was lost with its replica ends by itself', async () => {
  const replica = await join();
  const stale = await replica.use(twitch, REFERENCE);
  server.current = 'nothing';
  await database.change(
    `UPDATE resolved_credentials SET refresh_holder = gen_random_uuid(), refresh_until = now() + interval '1 second'`,
  );
  expect((await replica.refresh(twitch, stale)).accessToken).toBe('renewed-1');
});

it('a renewal that the service never hears of is used by all, and renewed in its turn', async () => {
  service.hears = false;
  const [one, other] = [await join(), await join()];
  const stale = await one.use(twitch, REFERENCE);
  server.current = 'nothing';
  const renewed = await one.refresh(twitch, stale);
  expect((await other.use(twitch, REFERENCE)).accessToken).toBe('renewed-1');
  server.current = 'nothing';
  expect((await other.refresh(twitch, renewed)).accessToken).toBe('renewed-2');
  expect(service.held.accessToken).toBe('first');
  // What the service got from elsewhere is the newer truth.
  service.held = served('from elsewhere', 'another');
  server.current = 'from elsewhere';
  const third = await join();
  expect((await third.use(twitch, REFERENCE)).accessToken).toBe('from elsewhere');
});

it('a credential is used again after a fresh token that the platform did not know, and rests after the second', async () => {
  const lucky = await join();
  server.current = 'nothing';
  server.unknown = 1;
  const refused = { code: 'RECONNECT_ACCOUNT', message: expect.stringMatching(/a fresh one/) };
  await expect(lucky.use(twitch, REFERENCE)).rejects.toMatchObject(refused);
  expect((await lucky.use(twitch, REFERENCE)).accessToken).toBe('renewed-2');

  const unlucky = await join();
  const other = { ...REFERENCE, ref: 'CRED-2' };
  service.held = served('second', 'refresh-2');
  server.current = 'nothing';
  server.unknown = 2;
  for (let time = 0; time < 3; time += 1)
    await expect(unlucky.use(twitch, other)).rejects.toMatchObject(refused);
  expect(server.refreshes).toBe(4);
});

it('a credential that is another account’s by now is not used as the one before', async () => {
  const replica = await join();
  const reference = { ...REFERENCE, accountId: '2' };
  await expect(replica.use(twitch, reference)).rejects.toMatchObject({ code: 'RECONNECT_ACCOUNT' });
  expect((await replica.use(twitch, { ...REFERENCE, accountId: '1' })).accountId).toBe('1');
});

it('what is stored of a renewal opens at its own place alone', async () => {
  const replica = await join();
  const stale = await replica.use(twitch, REFERENCE);
  server.current = 'nothing';
  service.hears = false;
  await replica.refresh(twitch, stale);
  await database.change(
    `INSERT INTO resolved_credentials (customer, credential_ref, replaced_hash, renewed_hash, access_token, refresh_token)
     SELECT 'globex', credential_ref, replaced_hash, renewed_hash, access_token, refresh_token FROM resolved_credentials`,
  );
  await expect((await join()).use(twitch, { ...REFERENCE, customer: 'globex' })).rejects.toThrow(
    /unable to authenticate/,
  );
});

it('a token server that gives no clear answer is asked a few times by the whole cluster', async () => {
  server.current = 'another';
  server.failing = 100;
  const replicas = [await join(), await join(), await join()];
  const failures: unknown[] = [];
  for (let round = 0; round < 10; round += 1)
    for (const result of await Promise.allSettled(
      replicas.map((replica) => replica.use(twitch, REFERENCE)),
    ))
      failures.push('reason' in result ? result.reason : result.value);
  expect(failures).toHaveLength(30);
  for (const failure of failures)
    expect(failure).toMatchObject({
      code: 'PLATFORM_DOWN',
      details: { retryAfterMs: expect.any(Number) as number },
    });
  expect(server.refreshes).toBeLessThanOrEqual(3);
  // Another token of the service begins without the backoff.
  server.failing = 0;
  const asked = server.refreshes;
  service.held = served('second', 'refresh-0');
  await replicas[0]?.use(twitch, REFERENCE);
  expect(server.refreshes).toBe(asked + 1);
});
