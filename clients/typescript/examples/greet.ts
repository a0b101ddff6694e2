// Greets on all three platforms. Set GATEWAY_URL and GATEWAY_TOKEN; the ids are those of the sandbox.
import { ActionGateway, type Outcome } from '@action-gateway/client';

const { GATEWAY_URL: url = 'http://localhost:8070', GATEWAY_TOKEN: token = '' } = process.env;
const gateway = new ActionGateway({ url, token });
const greeting = process.argv[2] ?? 'Hello!';

const outcomes: Record<string, Outcome<unknown>> = {
  twitch: await gateway.twitch.chatMessage({ account: '1001', message: greeting }),
  youtube: await gateway.youtube.sendLiveChatMessage({
    account: 'UCsandboxDemoChannel0001',
    message: greeting,
  }),
  discord: await gateway.discord.sendMessage({
    channelId: '700000000000000001',
    content: greeting,
  }),
};
for (const [platform, outcome] of Object.entries(outcomes)) {
  if (outcome.status === 'SUCCEEDED') console.log(`${platform}: said ${greeting}`);
  else if (outcome.status === 'UNKNOWN') console.log(`${platform}: look there; ${outcome.error}`);
  else console.log(`${platform}: ${outcome.status} ${'error' in outcome ? outcome.error : ''}`);
}
