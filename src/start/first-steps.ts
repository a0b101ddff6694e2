import { PERMISSIONS } from '../actions/caller.js';
import type { CallerTokens } from '../callers/caller-tokens.js';
import type { Config } from '../config/config.js';
import { describeAddresses, describeSignIn } from './describe-start.js';

const HALF_A_DAY_SECONDS = 43_200;

/** Which options clients need where the doors speak TLS. */
function describeTrust({ tls }: Config): string {
  const doors = [tls.rest, tls.grpc].filter((files) => files !== undefined);
  if (doors.length === 0) return '';
  const mutual = doors.some(({ clientCa }) => clientCa !== undefined)
    ? ', and your certificate by --cert and --key, -cert and -key, --cert and --key-file'
    : '';
  return `
    TLS       name authorities that are not public by --cacert (curl), -cacert (grpcurl), --ca (npm run call)${mutual}`;
}

/**
 * The text of a first start in the sandbox: a link that signs in, where the doors are, and lines to paste.
 * @param code of a one-time link
 */
export function describeFirstSteps(config: Config, tokens: CallerTokens, code: string): string {
  const token = tokens.sign({
    service: 'first-steps',
    permissions: PERMISSIONS,
    expiresIn: HALF_A_DAY_SECONDS,
  });
  const [first] = listFirstActions(config);
  const envelope = JSON.stringify({
    platform: first?.platform,
    action_type: first?.type,
    account_id: first?.account,
    parameters: first?.parameters,
  });
  const { rest, grpc } = describeAddresses(config);
  const address = grpc === 'localhost:50051' ? '' : ` --address ${grpc}`;
  const plaintext = config.tls.grpc ? '' : '-plaintext ';
  const calls = listFirstActions(config).map(
    ({ platform, type, parameters }) =>
      `    npm run call -- ${platform} ${type} '${JSON.stringify(parameters)}'${address}`,
  );
  return `${describeSignIn(config, code)}
  The action gateway runs in its sandbox: the platforms are simulated, nothing leaves this machine.

    REST      ${rest}        docs at ${rest}/docs
    gRPC      ${grpc}${describeTrust(config)}
    sandbox   ${config.sandboxUrl}/sandbox   shows what arrived there; docs/sandbox.md: who is who, faults, clock, reset

  A token for the next twelve hours:

    export TOKEN=${token}

  Send a first action over REST:

    curl -s ${rest}/api/v1/actions/execute -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '${envelope}'

  The same over gRPC, with grpcurl:

    grpcurl ${plaintext}-H "authorization: Bearer $TOKEN" -d '${envelope}' ${grpc} action_gateway.v1.ActionGateway/ExecuteAction

  Or without it, from this folder:

${calls.join('\n')}

`;
}

/** An action of each simulated platform to begin with. */
function listFirstActions({ platforms }: Config) {
  return platforms.flatMap(({ declaration: { name, sandbox } }) =>
    sandbox ? [{ platform: name, account: sandbox.exampleAccount, ...sandbox.firstAction }] : [],
  );
}
