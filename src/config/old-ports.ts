/** A port at which an earlier service was reached, with what was there. */
export interface OldPort {
  /** `router` for the port at which a workflow reached its router. */
  readonly platform: string;
  readonly door: 'rest' | 'grpc';
  readonly port: number;
}

/** The default ports of the earlier services: REST, gRPC. */
const USUAL: Readonly<Record<string, readonly [rest: number, grpc: number]>> = {
  discord: [8070, 50051],
  twitch: [8072, 50053],
  youtube: [8073, 50054],
};

const ONE = /^(discord|twitch|youtube)=(\d{1,5})\/(\d{1,5})$/;
const ROUTER = /^router=(\d{1,5})$/;

/** Reads PREDECESSOR_PORTS. @param faults gets a sentence for everything that is wrong */
export function readOldPorts(text: string, faults: string[]): readonly OldPort[] {
  const word = text.trim().toLowerCase();
  if (word === 'false') return [];
  const parts = word.split(',').map((part) => readPart(part.trim()));
  const ports = parts.flat();
  const numbers = ports.map(({ port }) => port);
  const isWrong = parts.some((part) => part.length === 0);
  if (isWrong || numbers.some((port) => port < 1 || port > 65_535))
    faults.push(
      'PREDECESSOR_PORTS must be true, false or a list such as twitch=8072/50053 (REST/gRPC) or true,router=8000, ports from 1 to 65535',
    );
  else if (new Set(numbers).size !== numbers.length)
    faults.push('PREDECESSOR_PORTS names one port twice: every earlier service needs its own');
  return ports;
}

/** Empty for a part that is none. */
function readPart(part: string): readonly OldPort[] {
  if (part === 'true')
    return Object.entries(USUAL).flatMap(([platform, [rest, grpc]]) =>
      describe(platform, rest, grpc),
    );
  const [, router] = ROUTER.exec(part) ?? [];
  if (router !== undefined) return [{ platform: 'router', door: 'rest', port: Number(router) }];
  const [, platform = '', rest = '', grpc = ''] = ONE.exec(part) ?? [];
  return platform === '' ? [] : describe(platform, Number(rest), Number(grpc));
}

/**
 * The earlier service whose place the gateway takes with its own port. That of the earlier Discord service is
 * the gateway's own by default, and says nothing.
 */
export function findOwnPlace({
  REST_PORT: port,
}: {
  readonly REST_PORT: number;
}): readonly OldPort[] {
  return Object.entries(USUAL).flatMap(([platform, [rest]]): OldPort[] =>
    platform !== 'discord' && port === rest ? [{ platform, door: 'rest', port }] : [],
  );
}

function describe(platform: string, rest: number, grpc: number): readonly OldPort[] {
  return [
    { platform, door: 'rest', port: rest },
    { platform, door: 'grpc', port: grpc },
  ];
}
