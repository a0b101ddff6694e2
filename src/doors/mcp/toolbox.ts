import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import { Inject, Injectable } from '@nestjs/common';
import { refuse } from '../../actions/door-refusal.js';
import type { Call } from '../../callers/call.js';
import type { Caller } from '../../callers/caller.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Catalogue, type CataloguedAction, nameOf } from '../../execution/catalogue.js';
import { Executor } from '../../execution/executor.js';
import { isPermitted } from '../../execution/permitted-actions.js';
import { EVERYTHING } from '../../safeguards/flag-key.js';
import { Flags } from '../../safeguards/flags.js';
import { AccountDirectory } from '../account-directory.js';
import { ActionReader } from '../action-reader.js';
import { searchActions } from './action-search.js';
import { describeActionTool, nameTool } from './action-tools.js';
import {
  ALWAYS_LISTED,
  DISCOVERY_TOOLS,
  type DiscoveryTool,
  isDiscoveryTool,
} from './discovery-tools.js';
import {
  DescribeAction,
  ExecuteAction,
  GetStatus,
  ListAccounts,
  parseArguments,
  ReadAction,
  SearchActions,
  WriteAction,
} from './tool-arguments.js';
import { describeOutcome, describeRefusal, describeValues } from './tool-result.js';
import type { ToolSelection } from './tool-selection.js';

const ACCOUNTS_PER_PAGE = 50;

/** The tools of a caller, and what they do. */
@Injectable()
export class Toolbox {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly executor: Executor,
    private readonly reader: ActionReader,
    private readonly directory: AccountDirectory,
    private readonly flags: Flags,
    @Inject(CONFIG) private readonly config: Pick<Config, 'MCP_REPEAT_SECONDS'>,
  ) {}

  /** Names of platforms, groups and actions, of which toolsets are made. */
  get toolsets(): readonly string[] {
    return this.flags.keys.filter((key) => key !== EVERYTHING);
  }

  /** The tools that a client is offered: of what the caller may do, those that it asked for. */
  list(caller: Caller, selection: ToolSelection): readonly Tool[] {
    const discovery = Object.values(DISCOVERY_TOOLS).filter(
      ({ name }) => isDefault(selection) || ALWAYS_LISTED.has(name),
    );
    return [...discovery, ...this.#select(caller, selection).map(describeActionTool)];
  }

  /**
   * Calls a tool. What the model can mend is told in the result.
   * @returns undefined where no such tool is listed for the caller
   */
  async call(
    name: string,
    values: unknown,
    call: Call,
    selection: ToolSelection,
  ): Promise<CallToolResult | undefined> {
    try {
      if (isDiscoveryTool(name) && (isDefault(selection) || ALWAYS_LISTED.has(name)))
        return await this.#discover(name, values, call, selection);
      const found = this.#select(call.caller, selection).find((one) => nameTool(one) === name);
      if (!found) return undefined;
      const type = found.action.effect === 'read' ? ReadAction : WriteAction;
      return await this.#execute(found, parseArguments(type, values), call);
    } catch (error) {
      return describeRefusal(error);
    }
  }

  #discover(
    name: DiscoveryTool,
    values: unknown,
    call: Call,
    selection: ToolSelection,
  ): CallToolResult | Promise<CallToolResult> {
    switch (name) {
      case 'search_actions':
        return this.#search(parseArguments(SearchActions, values), call.caller, selection);
      case 'describe_action':
        return this.#describe(parseArguments(DescribeAction, values), call.caller, selection);
      case 'list_accounts':
        return this.#listAccounts(parseArguments(ListAccounts, values), call.caller);
      case 'get_status':
        return this.#tellStatus(parseArguments(GetStatus, values), call.caller);
      case 'execute_action': {
        const { action, ...given } = parseArguments(ExecuteAction, values);
        return this.#execute(this.#find(action, selection), given, call);
      }
    }
  }

  #search(
    { query = '', platform, group, kind, limit }: SearchActions,
    caller: Caller,
    selection: ToolSelection,
  ): CallToolResult {
    const offered = this.#offer(caller, selection).filter(
      ({ platform: { name }, action }) =>
        (platform === undefined || name === platform) &&
        (group === undefined || action.group === group) &&
        (kind === undefined || (kind === 'read') === (action.effect === 'read')),
    );
    const fitting = searchActions(offered, query);
    const actions = fitting.slice(0, limit).map((found) => ({
      action: nameOf(found),
      group: found.action.group,
      summary: found.action.summary,
      effect: found.action.effect,
      enabled: this.#isOn(found),
    }));
    const more = fitting.length - actions.length;
    const summary =
      actions.length === 0
        ? 'No action that you may carry out fits. Use other words or fewer.'
        : `${fitting.length} actions fit${more > 0 ? `, ${more} of them are not listed` : ''}.`;
    return describeValues(summary, { actions, total: fitting.length });
  }

  #describe(
    { action: name }: DescribeAction,
    caller: Caller,
    selection: ToolSelection,
  ): CallToolResult {
    const found = this.#find(name, selection);
    if (!isPermitted(caller, found))
      throw refuse.forbidden(`Caller "${caller.name}" may not carry out ${nameOf(found)}`);
    const [description] = this.catalogue.describe(found.platform.name, found.action.type);
    const { input_schema: parameters, output_schema: result_data, ...rest } = description ?? {};
    return describeValues(`${nameOf(found)}: ${found.action.summary}.`, {
      action: nameOf(found),
      ...rest,
      parameters,
      result_data,
    });
  }

  async #listAccounts(
    { platform, text, cursor }: ListAccounts,
    caller: Caller,
  ): Promise<CallToolResult> {
    if (!caller.hasOneOf(['execute_actions', 'manage_accounts']))
      throw refuse.forbidden(`Caller "${caller.name}" lacks the permission execute_actions`);
    const page = await this.directory.list(
      caller,
      { platform, text },
      { after: cursor, limit: ACCOUNTS_PER_PAGE },
    );
    const accounts = page.accounts.map(({ platform: of, account_id, login, state }) => ({
      platform: of,
      account_id,
      login,
      state,
    }));
    const { next_cursor } = page;
    return describeValues(`${accounts.length} accounts on this page.`, {
      accounts,
      ...(next_cursor !== '' && { next_cursor }),
    });
  }

  async #tellStatus({ action_id }: GetStatus, caller: Caller): Promise<CallToolResult> {
    return describeOutcome(await this.reader.readApproved(action_id, caller), true);
  }

  async #execute(
    { platform, action }: CataloguedAction,
    given: ReadAction,
    call: Call,
  ): Promise<CallToolResult> {
    const envelope = { ...given, platform: platform.name, action_type: action.type };
    const opened: Call = {
      ...call,
      door: 'mcp',
      contentKeySeconds: this.config.MCP_REPEAT_SECONDS,
    };
    return describeOutcome(await this.executor.execute(dropAbsent(envelope), opened));
  }

  /** @throws ActionFailure UNKNOWN_ACTION with the nearest name; DoorRefusal for a write where only reads are wanted */
  #find(name: string, { readOnly }: ToolSelection): CataloguedAction {
    const [platform = '', ...type] = name.split('.');
    const found = this.catalogue.get(platform, type.join('.'));
    if (readOnly && found.action.effect !== 'read')
      throw refuse.forbidden(`${nameOf(found)} writes, and this client asked for reads alone`);
    return found;
  }

  /** The actions that have a tool of their own. */
  #select(caller: Caller, selection: ToolSelection): readonly CataloguedAction[] {
    const { toolsets } = selection;
    return this.#offer(caller, selection).filter((found) => {
      const { platform, action } = found;
      const names = ['all', platform.name, `${platform.name}.${action.group}`, nameOf(found)];
      return names.some((name) => toolsets.has(name)) && this.#isOn(found);
    });
  }

  /** What the caller may do and the client asked for, off or on. */
  #offer(caller: Caller, { readOnly }: ToolSelection): readonly CataloguedAction[] {
    return this.catalogue
      .list()
      .filter(
        (found) => isPermitted(caller, found) && !(readOnly && found.action.effect !== 'read'),
      );
  }

  #isOn({ platform, action: { group, type } }: CataloguedAction): boolean {
    return this.flags.isOn({ platform: platform.name, group, type });
  }
}

/** Without toolsets a client gets the tools of discovery. */
function isDefault({ toolsets }: ToolSelection): boolean {
  return toolsets.size === 0 || toolsets.has('default');
}

function dropAbsent(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
