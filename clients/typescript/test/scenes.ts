// One scene of test/house/clients.test.ts: what a caller does, and what it hears, as one line of JSON.
import {
  ActionError,
  ActionGateway,
  FAILURES,
  type FailureCode,
  GatewayError,
  resultOf,
  type twitch,
} from '@action-gateway/client';
import { transport } from './transport.js';

const [scene = '', text = ''] = process.argv.slice(2);
const { GATEWAY_URL: url = '', GATEWAY_TOKEN: token = '' } = process.env;
const gateway = new ActionGateway({ url, token, transport });
const channel = { account: '1001' } as const;

const SCENES: Readonly<Record<string, () => Promise<unknown>>> = {
  async say() {
    const outcome = await gateway.twitch.chatMessage({ ...channel, message: text });
    return {
      status: outcome.status,
      replayed: outcome.replayed,
      ...(outcome.status === 'SUCCEEDED' && { sent: outcome.result.messageSent }),
    };
  },

  async refuse() {
    const outcome = await gateway.twitch.ban({ ...channel, userId: 'no such id!' });
    if (outcome.status !== 'REFUSED') return outcome.status;
    const code = outcome.failure.code as FailureCode;
    let message = '';
    try {
      resultOf(outcome);
    } catch (error) {
      if (error instanceof ActionError) message = error.message;
    }
    const fields = outcome.failure.violations.map(({ field }) => field);
    return { code, retryable: FAILURES[code].retryable, fields, message };
  },

  async rehearse() {
    const poll: twitch.PollCreateParameters = { ...channel, title: 'Tea?', choices: ['yes', 'no'] };
    const outcome = await gateway.twitch.pollCreate(poll, { dryRun: true });
    return (
      outcome.status === 'PREPARED' && { ...outcome.prepared.body, cost: outcome.prepared.cost }
    );
  },

  async slow() {
    const began = gateway.twitch.chatMessage({ ...channel, message: text }, { timeoutMs: 2_500 });
    const outcome = await began;
    return { status: outcome.status, code: 'failure' in outcome && outcome.failure?.code };
  },

  async list() {
    const names: string[] = [];
    for await (const member of gateway.discord.listMembersItems({ guildId: text, pageSize: 2 }))
      names.push(member.userId);
    return names;
  },

  async batch() {
    const batch = gateway.batch();
    const said = batch.twitch.chatMessage({ ...channel, message: text });
    const refused = batch.discord.sendMessage({ channelId: 'none', content: text });
    const batchId = await batch.send();
    return { statuses: [(await said).status, (await refused).status], isNamed: batchId !== '' };
  },

  async stream() {
    const requests = Array.from({ length: 5 }, (_, index) => ({
      platform: 'twitch',
      actionType: 'chat_message',
      ...channel,
      parameters: { message: `${text} ${index}` },
    }));
    const statuses: string[] = [];
    for await (const { outcome } of gateway.stream(requests, { concurrency: 2 }))
      statuses.push(outcome.status);
    return statuses;
  },

  async watch() {
    const seen: string[] = [];
    for await (const event of gateway.watch({ platform: 'twitch', status: ['SUCCEEDED'] })) {
      if (event.kind === 'action') seen.push(event.action.requestId);
      if (seen.length === 2) return seen;
      const requestId = `${text} ${seen.length + 1}`;
      // The connection is cut after the first event; the second action happens meanwhile.
      if (event.kind === 'action' || seen.length === 0)
        await gateway.twitch.chatMessage({ ...channel, message: requestId }, { requestId });
    }
    return seen;
  },

  async later() {
    const runAt = new Date(Date.now() + 3_600_000);
    const waiting = await gateway.twitch.chatMessage({ ...channel, message: text }, { runAt });
    const cancelled = await gateway.cancel(waiting.actionId);
    const found = await gateway.status(waiting.actionId);
    return [waiting.status, cancelled.status, found.status];
  },

  async attach() {
    const upload = new Blob(['not really a film'], { type: 'video/mp4' });
    const sent = await gateway.youtube.uploadVideo(
      { account: 'UCsandboxDemoChannel0001', title: text },
      { upload },
    );
    return sent.status;
  },
};

try {
  console.log(JSON.stringify(await SCENES[scene]?.()));
} catch (error) {
  if (!(error instanceof GatewayError)) throw error;
  const { status, nothingSent, message } = error;
  console.log(JSON.stringify({ gateway: message, status, nothingSent }));
}
