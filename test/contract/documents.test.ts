import { spawnSync } from 'node:child_process';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSync } from '@grpc/proto-loader';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';

import { Envelope } from '../../src/actions/envelope.js';
import { FAILURES, type Status } from '../../src/actions/failures.js';
import { listFields } from '../../src/actions/fields.js';
import { isObject } from '../../src/actions/json.js';
import type { Outcome } from '../../src/actions/outcome.js';
import { renderEnvExample } from '../../src/config/env-example.js';
import { PLATFORMS } from '../../src/platforms/platforms.js';
import { Settings } from '../../src/config/settings.js';
import type { ActionDescription } from '../../src/execution/catalogue.js';
import { docsStyle, renderDocsPage } from '../../src/doors/pages/docs-page.js';
import type { DocumentedAction } from '../../src/doors/contracts/documented-action.js';
import { renderActionPage, renderSearchPage } from '../../src/doors/pages/action-page.js';
import {
  renderActionMarkdown,
  renderActionsMarkdown,
  renderLlmsText,
} from '../../src/doors/contracts/markdown.js';
import { buildOpenApi } from '../../src/doors/contracts/openapi.js';
import { loadDialects } from '../../src/app.module.js';
import { listControllers } from '../../src/doors/controllers.js';
import { listRoutes } from '../../src/doors/door/route.js';
import { LOADER_OPTIONS, PACKAGE, PROTO_FILE } from '../../src/doors/grpc/contract.js';
import { readCatalogue, renderGeneratedFiles } from '../../src/cli/generated-files.js';

const ROOT = join(import.meta.dirname, '../..');

let actions: readonly DocumentedAction[];
const off = await loadDialects({ ENABLE_MEDIA: false, ENABLE_MCP: true });
const routes = listRoutes(listControllers(off));
const dialects = off.map(({ contract = {} }) => contract);

beforeAll(async () => {
  actions = await readCatalogue();
});

function nameOf({ platform, action_type }: ActionDescription): string {
  return `${platform}.${action_type}`;
}

/** Walks into a value by names; undefined where the way ends. */
function dig(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), value);
}

/** An action whose every text tries to break out of where it is put. */
function makeHostile(text: string): DocumentedAction {
  const [action] = actions;
  if (!action) throw new Error('The catalogue is empty');
  const field = { type: 'string', description: text, default: text, enum: [text] };
  return {
    ...action,
    action_type: 'hostile',
    summary: text,
    scopes: [text],
    docs_url: `https://example.com/${text}`,
    input_schema: { type: 'object', properties: { [text]: field }, required: [] },
    output_schema: { type: 'object', properties: { [text]: field }, required: [] },
    example: { input: { [text]: text }, output: { [text]: text } },
  };
}

/** Every example of a media type below a place of the document, with the schema it has to fit. */
function listExamples(value: unknown, place: string): [string, string, unknown][] {
  if (!isObject(value) && !Array.isArray(value)) return [];
  const found: [string, string, unknown][] = [];
  if (isObject(value) && 'schema' in value) {
    if ('example' in value) found.push([place, `${place}/schema`, value['example']]);
    for (const [name, example] of Object.entries((value['examples'] as object) ?? {}))
      found.push([`${place} ${name}`, `${place}/schema`, dig(example, 'value')]);
    return found;
  }
  for (const [name, inner] of Object.entries(value)) {
    const step = encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
    found.push(...listExamples(inner, `${place}/${step}`));
  }
  return found;
}

/** Redocly takes twenty seconds for the examples of this document, which another test validates in one. */
const EXAMPLES_ARE_HELD_BELOW = {
  'no-invalid-media-type-examples': 'off',
  'no-invalid-parameter-examples': 'off',
  'no-invalid-schema-examples': 'off',
} as const;

/** A package of Python, which is not everywhere: `pip install openapi-spec-validator`. */
const hasSpecValidator = spawnSync('python3', ['-c', 'import openapi_spec_validator']).status === 0;

function checkWithPython(value: object): string {
  const input = JSON.stringify(value);
  const run = spawnSync('python3', ['-m', 'openapi_spec_validator', '-'], { input });
  return run.stdout.toString('utf8');
}

describe('the OpenAPI document', () => {
  const options = { version: '0.1.0', publicUrl: 'https://gateway.example/', dialects };
  let ajv: Ajv2020;
  let document: ReturnType<typeof buildOpenApi>;

  beforeAll(() => {
    document = buildOpenApi(actions, routes, options);
    ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addSchema({ ...document, $id: 'https://gateway.example/openapi.json' });
  });

  const compiled = new Map<string, ValidateFunction>();

  function compile(place: string): ValidateFunction {
    const known = compiled.get(place);
    if (known) return known;
    const made = ajv.compile({ $ref: `https://gateway.example/openapi.json#${place}` });
    compiled.set(place, made);
    return made;
  }

  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(document));
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
  });

  it('has no error in the eyes of Redocly', { timeout: 120_000 }, async () => {
    const config = await createConfig({ extends: ['recommended'], rules: EXAMPLES_ARE_HELD_BELOW });
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    const errors = problems.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ message }) => message)).toEqual([]);
    // A document that is wrong is found to be so.
    const broken = { ...document, paths: { '/x': { get: { responses: {} } } } };
    const found = await lintFromString({ source: JSON.stringify(broken), config });
    expect(found.some(({ severity }) => severity === 'error')).toBe(true);
  });

  // Skipped where the Python package openapi-spec-validator is not installed.
  it.skipIf(!hasSpecValidator)(
    'has no error in the eyes of openapi-spec-validator, a package of Python',
    { timeout: 120_000 },
    () => {
      expect(checkWithPython(document)).toContain('OK');
      const broken = { ...document, paths: { '/x': { get: { responses: 5 } } } };
      expect(checkWithPython(broken)).not.toContain('OK');
    },
  );

  it('is valid for a house without actions', async () => {
    const result = await new Validator().validate({ ...buildOpenApi([], routes, options) });
    expect(result.errors).toBeUndefined();
  });

  it('has only references that lead somewhere', () => {
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g);
    const broken = [...references]
      .map(([, place = '']) => place)
      .filter((place) => dig(document, ...place.split('/')) === undefined);
    expect(broken).toEqual([]);
  });

  it('gives examples that fit their schemas, one for each action', () => {
    const examples = [
      ...listExamples(document['paths'], '/paths'),
      ...listExamples(dig(document, 'components', 'responses'), '/components/responses'),
    ];
    const names = examples.map(([name]) => name).join('\n');
    for (const action of actions) expect(names).toContain(` ${nameOf(action)}`);
    const faults = examples.flatMap(([name, schema, example]) => {
      const validate = compile(schema);
      return validate(example) ? [] : `${name}: ${ajv.errorsText(validate.errors)}`;
    });
    expect(faults).toEqual([]);
  });

  it('describes what each action takes and gives', () => {
    for (const action of actions) {
      const input = compile(`/components/schemas/${nameOf(action)}`);
      const output = compile(`/components/schemas/${nameOf(action)}.result`);
      expect([input({ ...action.example.input }), input.errors]).toEqual([true, null]);
      expect([output({ ...action.example.output }), output.errors]).toEqual([true, null]);
    }
  });

  it('takes the parameters of the named action and of no other', () => {
    const validate = compile('/components/schemas/Envelope');
    const envelope = { platform: 'twitch', action_type: 'ban', parameters: { user_id: '2001' } };
    expect(validate(envelope)).toBe(true);
    expect(validate({ ...envelope, parameters: { message: 'hi' } })).toBe(false);
    expect(validate({ ...envelope, parameters: undefined })).toBe(false);
    expect(validate({ ...envelope, action_type: 'no_such_action' })).toBe(false);
    expect(validate({ ...envelope, unheard_of: 1 })).toBe(false);
  });

  it('tells the two forms of a request apart', () => {
    const validate = compile(
      '/paths/~1api~1v1~1actions~1execute/post/requestBody/content/application~1json/schema',
    );
    const earlier = { action_type: 'ban', broadcaster_id: '1001', parameters: { user_id: '1' } };
    expect(validate(earlier)).toBe(true);
    expect(validate({ ...earlier, platform: 'twitch' })).toBe(false);
    expect(validate({ action_type: 'ban', parameters: { user_id: '1' } })).toBe(false);
  });

  it('explains every failure code where its HTTP status is answered', () => {
    const responses = dig(document, 'paths', '/api/v1/actions/execute', 'post', 'responses');
    for (const { http, meaning } of Object.values(FAILURES)) {
      const response = dig(responses, String(http));
      const reference = String(dig(response, '$ref') ?? '').split('/');
      const shown = reference.length > 1 ? dig(document, ...reference.slice(1)) : response;
      expect(JSON.stringify(shown)).toContain(meaning);
    }
  });

  it('does not depend on the order of the catalogue', () => {
    expect(JSON.stringify(buildOpenApi(actions.toReversed(), routes, options))).toBe(
      JSON.stringify(document),
    );
  });
});

describe('the documentation page', () => {
  it('shows every action, every failure and every status', () => {
    const page = renderDocsPage(actions, { version: '0.1.0' });
    for (const action of actions) {
      expect(page).toContain(`<article id="${nameOf(action)}">`);
      expect(page).toContain(`<a href="#${nameOf(action)}">`);
      expect(page).toContain(action.docs_url);
    }
    for (const code of Object.keys(FAILURES)) expect(page).toContain(`<tr id="${code}">`);
    for (const status of Object.keys(STATUSES)) expect(page).toContain(`<code>${status}</code>`);
  });

  it('has no id twice and no link into nowhere', () => {
    const page = renderDocsPage(actions, { version: '0.1.0' });
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.length).toBe(new Set(ids).size);
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  });

  it('escapes whatever a declaration says', () => {
    const text = `<script>alert("1")</script>'"><img src=x> & more`;
    const page = renderDocsPage([makeHostile(text)], { version: text, publicUrl: text });
    expect(page).not.toMatch(/<script|<img/);
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&quot;&gt;');
  });

  it('escapes it on the page of an action, in a search and in the list for language models', () => {
    const text = `<script>alert("1")</script>'"><img src=x> [x](y)`;
    const hostile = makeHostile(text);
    const grpc = { address: 'localhost:50051', isTls: false };
    const options = { url: 'http://localhost:8070', grpc, sandbox: false };
    for (const page of [
      renderActionPage(hostile, options),
      renderSearchPage(text, { found: [hostile], guides: [] }, options),
    ]) {
      expect(page).not.toMatch(/<script|<img/);
      expect(page).toContain('alert(');
    }
    for (const markdown of [
      renderLlmsText([hostile], [], options.url),
      renderActionMarkdown(hostile, options),
    ]) {
      expect(markdown).toContain('alert(');
      expect(markdown.replaceAll(/```[^]*?```|`[^`]*`/g, '')).not.toMatch(/<script| \[x\]\(/);
    }
  });

  it('works under a content security policy of self alone', () => {
    const page = renderDocsPage(actions, { version: '0.1.0' });
    expect(page).not.toMatch(/<script|<style| style=| on[a-z]+=|src=/);
    expect(page).toContain('href="/docs/style.css"');
    expect(docsStyle).not.toMatch(/@import|url\(/);
  });

  it('writes commands whose body a shell hands over unchanged', () => {
    const page = renderDocsPage([makeHostile("it's")], { version: '0.1.0' });
    expect(page).toContain(String.raw`it&#39;\&#39;&#39;s`);
  });

  it('says when the platforms are simulated', () => {
    const options = { version: '0.1.0' };
    expect(renderDocsPage(actions, options)).not.toContain('simulated');
    expect(renderDocsPage(actions, { ...options, sandbox: true })).toContain('simulated');
  });
});

describe('generated files', () => {
  it('are what the sources say', async () => {
    const files = await renderGeneratedFiles();
    const committed = [...files.keys()].map((path) => [
      path,
      readFileSync(join(ROOT, path), 'utf8'),
    ]);
    expect(Object.fromEntries(committed)).toEqual(Object.fromEntries(files));
    for (const text of files.values())
      expect(text.split('\n', 1)[0]).toMatch(/Generated .*npm run generate/);
  });

  it('keep tables whole whatever a declaration says', () => {
    const markdown = renderActionsMarkdown([makeHostile('a | b\n<script> [x](y)')]);
    const outsideOfCode = markdown.replaceAll(/```[^]*?```|`[^`]*`/g, '');
    expect(outsideOfCode).not.toMatch(/<script| \[x\]/);
    const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
    for (const row of rows) expect(row).toMatch(/\|$/);
    expect(rows.filter((row) => row.startsWith('| `a \\| b <script>'))).toHaveLength(2);
  });

  it('name every variable of the environment once', () => {
    const names = [...renderEnvExample().matchAll(/^# ([A-Z_]+)=/gm)].map(([, name]) => name);
    const settings = names.filter(
      (name) =>
        ['ENABLE_MCP', 'ENABLE_MEDIA', 'ENABLE_SYSLOG'].includes(name ?? '') ||
        !name?.startsWith('ENABLE_'),
    );
    expect(settings.sort()).toEqual(
      // The password that docker-compose.yml reads is the one variable that is not ours.
      [Settings, ...PLATFORMS.map(({ variables }) => variables)]
        .flatMap((type) => listFields(type))
        .map(({ name }) => name)
        .concat('POSTGRES_PASSWORD')
        .sort(),
    );
  });
});

/** Complete by its type: a status that is missing here does not compile. */
const STATUSES = {
  SUCCEEDED: true,
  REFUSED: true,
  FAILED: true,
  UNKNOWN: true,
  QUEUED: true,
  SCHEDULED: true,
  RUNNING: true,
  CANCELLED: true,
  PREPARED: true,
} satisfies Record<Status, true>;

/** Complete by its type as well. */
const OUTCOME_MEMBERS = {
  success: true,
  message: true,
  action_id: true,
  result_data: true,
  error: true,
  status: true,
  failure: true,
  replayed: true,
  request_id: true,
  prepared: true,
  sandbox: true,
} satisfies Record<keyof Outcome, true>;

describe('the proto file', () => {
  const definition = loadSync(PROTO_FILE, {
    ...LOADER_OPTIONS,
    includeDirs: [...LOADER_OPTIONS.includeDirs],
  });

  /** Names of a message's fields, or of an enum's values. */
  function listNames(type: string, kind: 'field' | 'value'): string[] {
    const members = dig(definition[`${PACKAGE}.${type}`], 'type', kind);
    if (!Array.isArray(members)) throw new Error(`${type} is not in ${PROTO_FILE}`);
    return members.map((member) => String(dig(member, 'name'))).sort();
  }

  it('has the fields of an envelope', () => {
    const fields = listFields(Envelope).map(({ name }) => name);
    expect(listNames('ActionRequest', 'field')).toEqual(fields.sort());
  });

  it('has the members of an outcome', () => {
    expect(listNames('ActionResponse', 'field')).toEqual(Object.keys(OUTCOME_MEMBERS).sort());
  });

  it('has the statuses of an outcome', () => {
    const statuses = listNames('Status', 'value').filter((name) => name !== 'STATUS_UNSPECIFIED');
    expect(statuses).toEqual(Object.keys(STATUSES).sort());
  });

  it('has the members of an action description', () => {
    const schema = dig(
      buildOpenApi(actions, routes, { version: '0', dialects }),
      'components',
      'schemas',
    );
    const members = dig(schema, 'ActionDescription', 'properties') as object;
    const ownToReaders = new Set([
      'calls',
      'cost',
      'unsupported',
      'platform_title',
      'default_account',
      'example_account',
    ]);
    const described = Object.keys(actions[0] ?? {}).filter((name) => !ownToReaders.has(name));
    expect(listNames('ActionDescription', 'field')).toEqual(described.sort());
    expect(Object.keys(members).sort()).toEqual(described.sort());
  });
});
