import { listFields } from '../actions/fields.js';
import { Settings } from './settings.js';

/** What begins like a switch and is a setting of its own. */
const SETTING_NAMES = new Set(listFields(Settings).map(({ name }) => name));

/** Reads `ENABLE_…` variables. @param faults gets a sentence for everything that is wrong */
export function readSwitches(
  env: NodeJS.ProcessEnv,
  faults: string[],
): ReadonlyMap<string, boolean> {
  const switches = new Map<string, boolean>();
  for (const [name, value] of Object.entries(env)) {
    const isSwitch = name.startsWith('ENABLE_') && !SETTING_NAMES.has(name);
    if (!isSwitch || value === undefined || value === '') continue;
    const text = value.toLowerCase();
    if (text === 'true' || text === 'false') switches.set(name, text === 'true');
    else faults.push(`${name} must be true or false, not "${value}"`);
  }
  return switches;
}
