import { createRequire } from 'node:module';
import { join } from 'node:path';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { describe, expect, it } from 'vitest';
import { LOADER_OPTIONS, PROTO_DIR, PROTO_FILE } from '../../src/doors/grpc/contract.js';
import { completeDescriptors } from '../../src/doors/grpc/reflection.js';
import { PREDECESSORS } from '../../src/predecessors/predecessors.js';

interface Message {
  name: string;
  field: { name: string; typeName?: string; label?: number }[];
  nestedType: Message[];
  enumType: { name: string }[];
  options?: { mapEntry?: boolean };
}
interface File {
  name: string;
  package: string;
  dependency: string[];
  messageType: Message[];
  enumType: { name: string }[];
  service: { method: { inputType: string; outputType: string }[] }[];
}

const { FileDescriptorProto } = createRequire(import.meta.url)('protobufjs/ext/descriptor') as {
  FileDescriptorProto: { decode(bytes: Uint8Array): File };
};

function readFiles(): File[] {
  const definition = completeDescriptors({
    ...loadSync(
      [PROTO_FILE, ...Object.values(PREDECESSORS).map(({ grpc }) => grpc.file)].map((file) =>
        join(PROTO_DIR, file),
      ),
      LOADER_OPTIONS,
    ),
    ...loadSync(healthProto),
  });
  const entry = Object.values(definition).find((part) => 'fileDescriptorProtos' in part);
  return (entry as unknown as { fileDescriptorProtos: Uint8Array[] }).fileDescriptorProtos.map(
    (bytes) => FileDescriptorProto.decode(bytes),
  );
}

function listTypes(scope: string, messages: Message[], enums: { name: string }[]): string[] {
  return [
    ...enums.map(({ name }) => `${scope}.${name}`),
    ...messages.flatMap((message) => [
      `${scope}.${message.name}`,
      ...listTypes(`${scope}.${message.name}`, message.nestedType, message.enumType),
    ]),
  ];
}

function listMessages(messages: Message[]): Message[] {
  return messages.flatMap((message) => [message, ...listMessages(message.nestedType)]);
}

// A strict reader knows the types of a file and of those it names as dependencies, and no others.
describe('descriptors for reflection', () => {
  const files = readFiles();
  const typesOf = new Map(
    files.map((file) => [
      file.name,
      listTypes(`.${file.package}`, file.messageType, file.enumType),
    ]),
  );

  it('cover our services, the well-known types and health', () => {
    expect(files.map((file) => file.package).toSorted()).toEqual([
      'action_gateway.v1',
      'discord_action',
      'google.protobuf',
      'grpc.health.v1',
      'twitch_action',
      'youtube_action',
    ]);
  });

  it.each(files.map((file) => [file.name, file] as const))(
    'resolve every reference of %s by full name, in itself or its dependencies',
    (_name, file) => {
      const known = new Set([file.name, ...file.dependency].flatMap((name) => typesOf.get(name)));
      const references = [
        ...listMessages(file.messageType).flatMap(({ field }) =>
          field.flatMap(({ typeName }) => (typeName ? [typeName] : [])),
        ),
        ...file.service.flatMap(({ method }) =>
          method.flatMap(({ inputType, outputType }) => [inputType, outputType]),
        ),
      ];
      expect(references.length).toBeGreaterThan(0);
      expect(references.filter((name) => !known.has(name))).toEqual([]);
    },
  );

  it('name map entries as the language prescribes', () => {
    const entries = files
      .flatMap((file) => listMessages(file.messageType))
      .filter(({ options }) => options?.mapEntry)
      .map(({ name }) => name);
    expect(entries.toSorted()).toEqual([
      'ChoicesEntry',
      'FieldsEntry',
      'HeadersEntry',
      'HeadersEntry',
      'MetadataEntry',
      'ParametersEntry',
      'ResultDataEntry',
      'StatusesEntry',
    ]);
  });
});
