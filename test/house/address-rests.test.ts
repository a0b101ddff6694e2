// Real: two built gateways on one PostgreSQL. Fake: Twitch, at the wire, with a block in front of it.
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callRest, type GatewayProcess } from '../support/gateway.js';
import { eventually } from '../support/eventually.js';
import { House } from '../support/two-doors.js';

let house: House;
let sql: Client;

beforeAll(async () => {
  house = await House.open();
  sql = new Client({ connectionString: house.database.url });
  await sql.connect();
});

afterAll(async () => {
  await sql?.end();
  await house?.close();
});

async function mark(gateway: Pick<GatewayProcess, 'restUrl'>): Promise<unknown> {
  const { body } = await callRest(gateway, 'POST', '/api/v1/actions/execute', {
    platform: 'twitch',
    action_type: 'marker',
    account_id: '1001',
    parameters: {},
  });
  return body;
}

const isResting = (body: unknown): boolean =>
  JSON.stringify(body).includes('blocks the address of the gateway; nothing was sent');

it('a block that one gateway meets keeps the other from sending', async () => {
  const { gateway: other } = await house.openAnother({});
  const begun = await house.sandbox.lastSeq();
  await house.sandbox.control('POST', '/sandbox/faults', {
    match: { path: '/twitch/helix/streams/markers' },
    times: 1,
    fault: { kind: 'status', status: 403, body: '<html>Access denied</html>' },
  });
  expect(await mark(house.doors.gateway)).toMatchObject({ failure: { code: 'RATE_LIMITED' } });
  await other.waitForLine(/Twitch blocks this address/);
  const answers = [await mark(other), await mark(house.doors.gateway)];
  expect(answers.map(isResting)).toEqual([true, true]);
  const sent = (await house.sandbox.requestsSince(begun)).filter(({ path }) =>
    path.endsWith('/streams/markers'),
  );
  expect(sent).toHaveLength(1);
  // An operator who knows better ends it everywhere.
  await sql.query('DELETE FROM address_rests');
  const markBoth = (): Promise<unknown[]> =>
    Promise.all([other, house.doors.gateway].map((gateway) => mark(gateway)));
  expect(await eventually(markBoth, (bodies) => !bodies.some(isResting))).toMatchObject([
    { status: 'SUCCEEDED' },
    { status: 'SUCCEEDED' },
  ]);
});
