import { CALLERS_FACTS } from './callers.js';
import { DISCORD_FACTS } from './discord.js';
import type { EarlierFact } from './fact.js';
import { TOOLKIT_FACTS } from './toolkit.js';
import { TWITCH_FACTS } from './twitch.js';
import { YOUTUBE_FACTS } from './youtube.js';

const PUBLIC =
  /\/(token|auth\/token|token\/generate|health|oauth\/authorize|oauth\/callback)(\?|$)/;

const WITHOUT_CREDENTIAL: Readonly<Record<string, unknown>> = {
  discord: { error: 'Missing or invalid authorization header' },
  twitch: { error: 'Missing or invalid Authorization header' },
  youtube: { success: false, message: 'Missing or invalid token' },
};

/** Every route that wanted a token, without one. */
function refuseEveryRoute(facts: readonly EarlierFact[]): EarlierFact[] {
  const seen = new Set(
    facts
      .filter(({ what }) => what === 'without a credential')
      .map(({ service, at }) => `${service} ${at}`),
  );
  return facts.flatMap((fact): EarlierFact[] => {
    const { service, at, door, asked, path } = fact;
    const body = WITHOUT_CREDENTIAL[service];
    const name = `${service} ${at}`;
    if (door !== 'REST' || body === undefined || PUBLIC.test(at) || seen.has(name)) return [];
    seen.add(name);
    return [
      {
        service,
        door,
        at,
        what: 'without a credential',
        ...(path !== undefined && { path }),
        asked: { body: asked.body, token: null },
        was: { status: 401, body },
      },
    ];
  });
}

const RECORDED = [
  ...DISCORD_FACTS,
  ...TWITCH_FACTS,
  ...YOUTUBE_FACTS,
  ...CALLERS_FACTS,
  ...TOOLKIT_FACTS,
];

/** What the earlier services did, case by case. */
export const EARLIER_FACTS: readonly EarlierFact[] = [...RECORDED, ...refuseEveryRoute(RECORDED)];
