/** A port at which an earlier service was reached, with what was there. */
export interface OldPort {
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

/** Reads PREDECESSOR_PORTS. @param faults gets a sentence for everything that is wrong */
export function readOldPorts(text: string, faults: string[]): readonly OldPort[] {
  const word = text.trim().toLowerCase();
  if (word === 'false') return [];
  if (word === 'true')
    return Object.entries(USUAL).flatMap(([platform, [rest, grpc]]) =>
      describe(platform, rest, grpc),
    );
  const ports = text.split(',').flatMap((part) => {
    const [, platform = '', rest = '', grpc = ''] = ONE.exec(part.trim()) ?? [];
    return platform === '' ? [] : describe(platform, Number(rest), Number(grpc));
  });
  const numbers = ports.map(({ port }) => port);
  const isWrong = ports.length === 0 || ports.length !== text.split(',').length * 2;
  if (isWrong || numbers.some((port) => port < 1 || port > 65_535))
    faults.push(
      'PREDECESSOR_PORTS must be true, false or a list such as twitch=8072/50053 (REST/gRPC), ports from 1 to 65535',
    );
  else if (new Set(numbers).size !== numbers.length)
    faults.push('PREDECESSOR_PORTS names one port twice: every earlier service needs its own');
  return ports;
}

function describe(platform: string, rest: number, grpc: number): readonly OldPort[] {
  return [
    { platform, door: 'rest', port: rest },
    { platform, door: 'grpc', port: grpc },
  ];
}
