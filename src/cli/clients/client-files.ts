import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAILURES } from '../../actions/failures.js';
import type { DocumentedAction } from '../../doors/contracts/documented-action.js';
import { PROTO_DIR, PROTO_FILE } from '../../doors/grpc/contract.js';
import { modelPlatform } from './client-model.js';
import {
  renderPythonFailures,
  renderPythonPlatform,
  renderPythonPlatforms,
} from './python-source.js';
import {
  renderTypescriptFailures,
  renderTypescriptPlatform,
  renderTypescriptPlatforms,
} from './typescript-source.js';

const TYPESCRIPT = 'clients/typescript/src/generated';
const PYTHON = 'clients/python/action_gateway';

/** The generated files of the clients: their paths from the root, and what has to stand in them. */
export function renderClientFiles(actions: readonly DocumentedAction[]): [string, string][] {
  const platforms = [...new Set(actions.map(({ platform }) => platform))].map((name) =>
    modelPlatform(actions.filter(({ platform }) => platform === name)),
  );
  return [
    [`${TYPESCRIPT}/failures.ts`, renderTypescriptFailures(FAILURES)],
    [`${TYPESCRIPT}/platforms.ts`, renderTypescriptPlatforms(platforms)],
    // A package holds what is in its own folder.
    [`clients/typescript/proto/${PROTO_FILE}`, copyProto()],
    [`${PYTHON}/_failures.py`, renderPythonFailures(FAILURES)],
    [`${PYTHON}/_platforms.py`, renderPythonPlatforms(platforms)],
    ...platforms.flatMap((platform): [string, string][] => [
      [`${TYPESCRIPT}/${platform.name}.ts`, renderTypescriptPlatform(platform)],
      [`${PYTHON}/${platform.name}.py`, renderPythonPlatform(platform)],
    ]),
  ];
}

function copyProto(): string {
  const head = `// Generated from proto/${PROTO_FILE} by npm run generate; do not edit.`;
  return `${head}\n${readFileSync(join(PROTO_DIR, PROTO_FILE), 'utf8')}`;
}
