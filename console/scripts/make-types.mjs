// Writes the types of the REST API from the contract that the built gateway prints.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import openapiTypes, { astToString } from 'openapi-typescript';

const CONTRACT = join(import.meta.dirname, '../../dist/cli/contract.js');
const TYPES = join(import.meta.dirname, '../src/api/schema.d.ts');

const contract = execFileSync(process.execPath, [CONTRACT], { maxBuffer: 64 * 1024 * 1024 });
const options = { emptyObjectsUnknown: true, defaultNonNullable: false };
writeFileSync(TYPES, astToString(await openapiTypes(contract.toString(), options)));
