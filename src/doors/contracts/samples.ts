import { layOutJson } from './lay-out-json.js';

const CALLER = ['-H "Authorization: Bearer $TOKEN"'];

/** Text in single quotes for a POSIX shell, its own ones spelled out. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A command for a POSIX shell that posts a body to the REST door. */
export function writeCurl(url: string, body: object, headers: readonly string[] = CALLER): string {
  return [
    `curl ${url}`,
    ...headers,
    "-H 'Content-Type: application/json'",
    `-d ${quote(layOutJson(body))}`,
  ].join(' \\\n  ');
}

/** Where the gRPC door is. */
export interface GrpcPlace {
  /** Host and port. */
  readonly address: string;
  readonly isTls: boolean;
}

/** The same envelope for the gRPC door, by grpcurl. */
export function writeGrpcurl({ address, isTls }: GrpcPlace, envelope: object): string {
  return [
    isTls ? 'grpcurl' : 'grpcurl -plaintext',
    '-H "authorization: Bearer $TOKEN"',
    `-d ${quote(layOutJson(envelope))}`,
    `${address} action_gateway.v1.ActionGateway/ExecuteAction`,
  ].join(' \\\n  ');
}
