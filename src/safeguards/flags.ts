import { Inject, Injectable } from '@nestjs/common';
import { ActionFailure } from '../actions/failures.js';
import { CONFIG, type Config } from '../config/config.js';

/** What a flag is asked about. */
export interface FlagSubject {
  readonly platform: string;
  readonly group: string;
  readonly type: string;
}

/** Feature flags: everything is on until a switch in the environment turns it off. */
@Injectable()
export class Flags {
  readonly #switches: ReadonlyMap<string, boolean>;

  constructor(@Inject(CONFIG) { switches }: Config) {
    this.#switches = switches;
  }

  /** @throws ActionFailure ACTION_DISABLED naming the switch that is off */
  require(subject: FlagSubject): void {
    const off = this.findSwitchThatIsOff(subject);
    if (off === undefined) return;
    throw new ActionFailure(
      'ACTION_DISABLED',
      `${subject.platform}.${subject.type} is switched off by ${off}=false`,
    );
  }

  /** Platform, group and action must all be on; a platform's own group switch wins over the general one. */
  findSwitchThatIsOff({ platform, group, type }: FlagSubject): string | undefined {
    const [platformSwitch, groupSwitch, ownGroupSwitch, actionSwitch] = nameSwitches({
      platform,
      group,
      type,
    });
    const wins = this.#switches.has(ownGroupSwitch) ? ownGroupSwitch : groupSwitch;
    return [platformSwitch, wins, actionSwitch].find((name) => this.#switches.get(name) === false);
  }

  /** Switches that are set and that nothing in the catalogue listens to: most likely a typing error. */
  listUnknown(subjects: readonly FlagSubject[]): string[] {
    const known = new Set(subjects.flatMap(nameSwitches));
    return [...this.#switches.keys()].filter((name) => !known.has(name));
  }
}

/** The environment variables that switch an action, from the widest to the narrowest. */
export function nameSwitches({
  platform,
  group,
  type,
}: FlagSubject): [string, string, string, string] {
  const [p, g, t] = [platform, group, type].map((word) => word.toUpperCase());
  return [
    `ENABLE_${p}_ACTIONS`,
    `ENABLE_${g}_ACTIONS`,
    `ENABLE_${p}_${g}_ACTIONS`,
    `ENABLE_${p}_${t}`,
  ];
}
