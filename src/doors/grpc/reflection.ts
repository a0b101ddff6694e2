import type { PackageDefinition } from '@grpc/proto-loader';
import descriptors from 'protobufjs/ext/descriptor/index.js';
import type * as Descriptors from 'protobufjs/ext/descriptor/index.js';

// CommonJS that fills its exports while it loads, so named imports would not find them. Its types lack these
// two functions.
const { FileDescriptorProto } = descriptors as unknown as {
  FileDescriptorProto: {
    decode(bytes: Uint8Array): Descriptors.IFileDescriptorProto;
    encode(file: Descriptors.IFileDescriptorProto): { finish(): Uint8Array };
  };
};

type File = Descriptors.IFileDescriptorProto;
type Message = Descriptors.IDescriptorProto;

/**
 * Makes the descriptors of a loaded package complete, as strict readers such as grpcurl want them:
 * every type by its full name, every file with the files it needs, every map entry by its proper name.
 * The loader leaves all three out.
 * @see https://github.com/grpc/grpc-node/issues/2958
 */
export function completeDescriptors(definition: PackageDefinition): PackageDefinition {
  const files = new Map<string, File>();
  for (const { fileDescriptorProtos = [] } of Object.values(definition) as {
    fileDescriptorProtos?: Uint8Array[];
  }[]) {
    for (const bytes of fileDescriptorProtos) {
      const file = FileDescriptorProto.decode(bytes);
      if (file.name) files.set(file.name, file);
    }
  }
  for (const file of files.values()) renameMapEntries(file.messageType ?? []);
  const homes = new Map<string, string>();
  for (const file of files.values()) noteTypes(file, homes);
  for (const file of files.values()) qualifyTypes(file, homes);

  const complete = [...files.values()].map((file) =>
    Buffer.from(FileDescriptorProto.encode(file).finish()),
  );
  return Object.fromEntries(
    Object.entries(definition).map(([name, entry]) => [
      name,
      'fileDescriptorProtos' in entry ? { ...entry, fileDescriptorProtos: complete } : entry,
    ]),
  ) as PackageDefinition;
}

/** A map field `result_data` is a list of the nested message `ResultDataEntry`, by that name and no other. */
function renameMapEntries(messages: readonly Message[]): void {
  for (const message of messages) {
    for (const nested of message.nestedType ?? []) {
      const field = message.field?.find(({ typeName }) => typeName === nested.name);
      if (!nested.options?.mapEntry || !field?.name) continue;
      nested.name = `${nameInCapitals(field.name)}Entry`;
      field.typeName = nested.name;
    }
    renameMapEntries(message.nestedType ?? []);
  }
}

/** `result_data` as `ResultData`. */
function nameInCapitals(name: string): string {
  return name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** Notes the file of every message and enum under its full name. */
function noteTypes(file: File, homes: Map<string, string>): void {
  const note = (
    scope: string,
    messages: readonly Message[],
    enums: readonly { name?: string }[],
  ): void => {
    for (const { name } of [...messages, ...enums]) homes.set(`${scope}.${name}`, file.name ?? '');
    for (const { name, nestedType = [], enumType = [] } of messages)
      note(`${scope}.${name}`, nestedType, enumType);
  };
  note(scopeOf(file), file.messageType ?? [], file.enumType ?? []);
}

function qualifyTypes(file: File, homes: ReadonlyMap<string, string>): void {
  const needed = new Set(file.dependency ?? []);
  const resolve = (reference: string, scope: string): string => {
    const full = findType(reference, scope, homes);
    const home = homes.get(full);
    if (home !== undefined && home !== file.name) needed.add(home);
    return full;
  };
  const visit = (scope: string, messages: readonly Message[]): void => {
    for (const message of messages) {
      const inside = `${scope}.${message.name}`;
      for (const field of message.field ?? []) {
        if (field.typeName) field.typeName = resolve(field.typeName, inside);
      }
      visit(inside, message.nestedType ?? []);
    }
  };
  visit(scopeOf(file), file.messageType ?? []);
  for (const { method } of file.service ?? []) {
    for (const rpc of method ?? []) {
      rpc.inputType = resolve(rpc.inputType ?? '', scopeOf(file));
      rpc.outputType = resolve(rpc.outputType ?? '', scopeOf(file));
    }
  }
  file.dependency = [...needed];
}

/** Protobuf looks from the innermost scope outwards. */
function findType(reference: string, scope: string, homes: ReadonlyMap<string, string>): string {
  if (reference.startsWith('.')) return reference;
  for (let place = scope; ; place = place.slice(0, place.lastIndexOf('.'))) {
    const candidate = `${place}.${reference}`;
    if (homes.has(candidate) || place === '') return candidate;
  }
}

function scopeOf(file: File): string {
  return file.package ? `.${file.package}` : '';
}
