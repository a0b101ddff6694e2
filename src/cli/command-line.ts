import type { RootCommand } from '@bomb.sh/tab';
import tab from '@bomb.sh/tab/commander';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { VERSION } from '../config/version.js';
import { PLATFORMS } from '../platforms/platforms.js';
import { DEFAULT_PROFILE, locateProfiles, writeProfile } from './profile.js';
import { UsageError } from './usage-error.js';

/** Wrong use, as shells know it. */
const MISUSED = 2;

/** Runs the command line. Sets the exit code: 1 for what failed, 2 for wrong use. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync([...args], { from: 'user' });
  } catch (error) {
    // Commander has written its own messages.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : MISUSED;
    else {
      process.stderr.write(`${(error as Error).message}\n`);
      process.exitCode = error instanceof UsageError ? MISUSED : 1;
    }
  }
}

function buildProgram(): Command {
  const program = new Command('action-gateway')
    .description('The command line of the action gateway')
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError()
    .addHelpText('after', () => HELP);
  addCall(program);
  addReads(program);
  addKeys(program);
  addLogin(program);
  addImport(program);
  completePlatforms(tab(program));
  return program;
}

const HELP = `
The gateway is the one of --url, GATEWAY_URL or a profile (${DEFAULT_PROFILE}, unless --profile names another),
otherwise the one that this user runs on this machine. "complete bash", zsh or fish prints completions.`;

/** Lets shells complete names of platforms; another platform than these is taken as well. */
function completePlatforms({ commands }: RootCommand): void {
  for (const name of ['call', 'catalog', 'connect'])
    commands.get(name)?.argument('platform', (complete) => {
      for (const platform of PLATFORMS) complete(platform.name, '');
    });
}

/** A command that speaks to a gateway. */
function addCommand(parent: Command, usage: string, description: string): Command {
  return parent
    .command(usage)
    .description(description)
    .option('--url <url>', 'REST door of the gateway')
    .option('--token <token>', 'token or key (default: GATEWAY_TOKEN, or that of the profile)')
    .option('--profile <name>', 'a gateway that "login" has noted')
    .option('--local', 'the gateway of this machine, in place of the default profile')
    .option('--json', 'print JSON');
}

function addCall(program: Command): void {
  addCommand(program, 'call', 'carry out one action and print the outcome')
    .argument('<platform>', PLATFORMS.map(({ name }) => name).join(', '))
    .argument('<action_type>', 'such as chat_message; see "catalog"')
    .argument('[parameters]', 'JSON, such as \'{"message":"hello"}\'', '{}')
    .option('--account <id>', 'whose channel (in the sandbox by default the demo channel)')
    .option('--actor <id>', 'who acts in it')
    .option('--key <key>', 'idempotency key')
    .option('--dry-run', 'show what would be sent, and send nothing')
    .option('--address <host:port>', 'gRPC door (default: localhost and GRPC_PORT)')
    .option('--tls', 'speak TLS to the gRPC door, as by default where GRPC_TLS_CERT is set')
    .option('--ca <file>', 'authorities to trust')
    .option('--cert <file>', 'certificate to show, of which --key-file is the key')
    .option('--key-file <file>', 'key of the certificate')
    .action(async (platform: string, type: string, parameters: string, options: object) => {
      const { callGateway } = await import('./call-gateway.js');
      const shown = await callGateway(platform, type, parameters, options);
      process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
      process.exitCode = shown.success ? 0 : 1;
    });
}

function addReads(program: Command): void {
  addCommand(program, 'catalog', 'list the actions, or show one with its parameters')
    .argument('[platform]')
    .argument('[action_type]')
    .action(async (platform: string | undefined, type: string | undefined, options: object) =>
      (await loadRemote()).showCatalogue(platform, type, options),
    );
  addCommand(program, 'accounts', 'list the accounts').action(async (options: object) =>
    (await loadRemote()).listAccounts(options),
  );
  addCommand(program, 'connect', 'print the address that a person opens to connect an account')
    .argument('<platform>')
    .option('--account <id>', 'the account that has to be connected')
    .option('--group <group>', 'ask for what this group of actions needs')
    .action(async (platform: string, options: object) =>
      (await loadRemote()).connectAccount(platform, options),
    );
  addCommand(program, 'watch', 'print every change of an action as it happens')
    .option('--platform <platform>', 'on this platform')
    .option('--account <id>', 'in the name of this account')
    .option('--status <status...>', 'with one of these statuses after the change')
    .option('--count <number>', 'end after so many changes', readCount)
    .action(async (options: object) => (await loadRemote()).watchActions(options));
}

function addKeys(program: Command): void {
  const keys = program.command('keys').description('keys of callers');
  addCommand(keys, 'list', 'list the callers with keys').action(async (options: object) =>
    (await loadRemote()).listKeys(options),
  );
  addCommand(keys, 'create', 'create a caller and print its key, which is shown once')
    .argument('<id>', 'its name')
    .option('--permission <permission...>', 'what it may do (default: execute_actions)')
    .option('--action <action...>', 'only these platforms, groups or actions')
    .option('--expires <time>', 'when it ends, as an RFC 3339 time')
    .action(async (id: string, options: object) => (await loadRemote()).createKey(id, options));
  addCommand(keys, 'rotate', 'print another key; the one before works for a day')
    .argument('<id>')
    .option('--grace <seconds>', 'how long the key before works', readCount)
    .action(async (id: string, options: object) => (await loadRemote()).rotateKey(id, options));
  addCommand(keys, 'revoke', 'revoke a caller, its keys and its tokens')
    .argument('<id>')
    .action(async (id: string, options: object) => (await loadRemote()).revokeKey(id, options));
}

function addLogin(program: Command): void {
  program
    .command('login')
    .description(`note a gateway and a key in ${locateProfiles()}`)
    .argument('<url>', 'REST door of the gateway')
    .addOption(
      new Option('--token <token>', 'token or key').env('GATEWAY_TOKEN').makeOptionMandatory(),
    )
    .option('--profile <name>', 'name of the profile', DEFAULT_PROFILE)
    .action(async (url: string, { token, profile }: { token: string; profile: string }) => {
      const { RestConnection } = await import('./rest-connection.js');
      // A wrong address or key is told now, rather than by the next command.
      await new RestConnection(url, token).request('GET', '/api/v1/whoami');
      await writeProfile(profile, { url, token });
      process.stdout.write(`Noted as "${profile}" in ${locateProfiles()}\n`);
    });
}

function addImport(program: Command): void {
  program
    .command('import')
    .description('take over what earlier services kept; on the machine of the gateway')
    .helpOption(false)
    .allowUnknownOption()
    .argument('[options...]')
    .action(async (options: string[]) => {
      // The command reads its options by itself.
      process.argv.splice(2, Infinity, ...options);
      await import('./import-earlier.js');
    });
}

function loadRemote(): Promise<typeof import('./remote-commands.js')> {
  return import('./remote-commands.js');
}

function readCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
