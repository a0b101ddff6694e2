import { Part, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';
import { attachFiles, findFileFaults, MessageFile } from '../../files.js';

class CreateSticker {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Text('Its name', { min: 2, max: 30, visible: true, example: 'dance' })
  name!: string;

  @Text('Words for finding it, comma-separated', { max: 200, visible: true, example: 'dance' })
  tags!: string;

  @Text('What it shows', { optional: true, min: 0, max: 100 })
  description?: string;

  @Part('A PNG, APNG, GIF or Lottie file of at most 512 KiB', MessageFile)
  file!: MessageFile;

  @Reason()
  reason?: string;
}

class CreatedSticker {
  @Snowflake('Id of the sticker')
  sticker_id!: string;
}

/** @see https://discord.com/developers/docs/resources/sticker#create-guild-sticker */
export const createSticker = discordAction({
  type: 'create_sticker',
  group: 'expressions',
  summary: 'Add a sticker to a server',
  docs: 'https://discord.com/developers/docs/resources/sticker#create-guild-sticker',
  effect: 'create',
  scopes: [],
  permissions: ['CREATE_GUILD_EXPRESSIONS'],
  actsAs: 'account',
  input: CreateSticker,
  output: CreatedSticker,
  check: ({ file }) => findFileFaults([file]).map(({ message }) => ({ field: 'file', message })),
  run: async ({ guild_id, name, tags, description = '', file, reason }, _context, upstream) => {
    const request = await attachFiles(
      {
        method: 'POST',
        path: buildPath(['guilds', guild_id, 'stickers']),
        headers: giveReason(reason),
        body: {},
      },
      [file],
      upstream,
    );
    const [whole] = request.form?.files ?? [];
    // This form has its texts as parts of their own, and not as JSON.
    const { id } = await upstream.send<{ readonly id: string }>({
      ...request,
      body: { name, tags, description },
      form: { parts: true, bodyPart: '', files: whole ? [{ ...whole, part: 'file' }] : [] },
    });
    return { sticker_id: id };
  },
  example: {
    input: {
      guild_id: '800000000000000001',
      name: 'dance',
      tags: 'dance',
      file: { name: 'dance.png', data: 'iVBORw0KGgo=' },
    },
    output: { sticker_id: '1300000000000000001' },
  },
});
