import { type DataCall, DataRefusal, type DataResult, type DataRoutes } from './data-call.js';
import { FORCE_SSL, MANAGE, READ_ONLY } from './scopes.js';
import { isRecord } from '../../../sandbox/exchange.js';
import { type ChatMessage, type ChatPoll, inventId, type LiveChat } from './world.js';

const WRITE = [MANAGE, FORCE_SSL];
const READ = [...WRITE, READ_ONLY];
/** Unpublished, simulated: what is longer is refused in practice. */
const LONGEST_MESSAGE = 200;
const DEFAULT_BAN_SECONDS = 300;

/** Live chat: messages, bans and moderators. */
export const CHAT_ROUTES: DataRoutes = {
  'POST /liveChat/messages': { scopes: WRITE, units: 20, handle: insertMessage },
  'GET /liveChat/messages': { scopes: READ, units: 5, handle: listMessages },
  'DELETE /liveChat/messages': { scopes: WRITE, units: 20, handle: deleteMessage },
  'POST /liveChat/messages/transition': { scopes: WRITE, units: 20, handle: endPoll },
  'POST /liveChat/bans': { scopes: WRITE, units: 50, handle: insertBan },
  'DELETE /liveChat/bans': { scopes: WRITE, units: 50, handle: deleteBan },
  'POST /liveChat/moderators': { scopes: WRITE, units: 50, handle: insertModerator },
  'GET /liveChat/moderators': { scopes: READ, units: 1, handle: listModerators },
  'DELETE /liveChat/moderators': { scopes: WRITE, units: 50, handle: deleteModerator },
};

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatMessages/insert */
function insertMessage(call: DataCall): DataResult {
  const snippet = call.body.within('snippet');
  const chat = call.requireChat(snippet.requireText('liveChatId', 'liveChatIdRequired'));
  const type = snippet.requireText('type', 'typeRequired');
  if (type !== 'textMessageEvent' && type !== 'pollEvent')
    throw new DataRefusal(400, 'invalidMessageType', 'Only text messages and polls are inserted.');
  const poll = type === 'pollEvent' ? readPoll(call, chat) : undefined;
  const text =
    poll?.question ??
    snippet.within('textMessageDetails').requireText('messageText', 'messageTextRequired');
  if ([...text].length > LONGEST_MESSAGE)
    throw new DataRefusal(400, 'messageTextInvalid', 'The message text is not valid.');
  call.requireOpen(chat);
  if (call.world.findBan(call.channelId, chat))
    throw new DataRefusal(403, 'forbidden', 'You are banned from this live chat.');
  const message: ChatMessage = {
    id: `LCC.${inventId(18)}`,
    author_id: call.channelId,
    text,
    at: call.world.now(),
    ...(poll && { poll }),
  };
  chat.messages.set(message.id, message);
  return showMessage(message, chat, call);
}

/** A poll that begins. @throws DataRefusal where one is going on, for another than the owner's, and for its options */
function readPoll(call: DataCall, chat: LiveChat): ChatPoll {
  requireModerator(call, chat);
  const metadata = call.body.within('snippet', 'pollDetails', 'metadata');
  const question = metadata.requireText('questionText', 'required');
  const { options } = metadata.values;
  const texts = Array.isArray(options)
    ? options.map((option) => (isRecord(option) ? String(option['optionText'] ?? '') : ''))
    : [];
  if (texts.length < 2 || texts.length > 4 || texts.includes(''))
    throw new DataRefusal(400, 'invalid', 'A poll must have 2 to 4 options.');
  // That one poll goes on at a time is what the app does; the reason is unverified.
  if ([...chat.messages.values()].some(({ poll }) => poll?.is_active))
    throw new DataRefusal(400, 'preconditionCheckFailed', 'A poll is active in this chat.');
  return { question, options: texts, is_active: true };
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatMessages/transition */
function endPoll(call: DataCall): DataResult {
  const id = call.requireQuery('id');
  const status = call.requireQuery('status');
  const chat = [...call.world.chats.values()].find(({ messages }) => messages.has(id));
  const message = chat?.messages.get(id);
  if (!chat || !message) throw new DataRefusal(404, 'notFound', 'The message cannot be found.');
  requireModerator(call, chat);
  if (status !== 'closed' || !message.poll?.is_active)
    throw new DataRefusal(400, 'modificationNotAllowed', 'The status cannot be changed.');
  message.poll.is_active = false;
  return showMessage(message, chat, call);
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatMessages/list */
function listMessages(call: DataCall): DataResult {
  const chat = call.requireChat(call.requireQuery('liveChatId'));
  const shown = [...chat.messages.values()].filter(({ deleted_by }) => deleted_by === undefined);
  const page = call.paginate(
    shown.map((message) => showMessage(message, chat, call)),
    2000,
    500,
  );
  const poll = shown.find((message) => message.poll?.is_active);
  return {
    pollingIntervalMillis: 5_000,
    // There is always a next page: that of the messages to come.
    nextPageToken: `page${shown.length}`,
    ...page,
    ...(poll && { activePollItem: showMessage(poll, chat, call) }),
  };
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatMessages/delete */
function deleteMessage(call: DataCall): DataResult {
  const id = call.requireQuery('id');
  const chat = [...call.world.chats.values()].find(({ messages }) => messages.has(id));
  const message = chat?.messages.get(id);
  if (!chat || !message || message.deleted_by !== undefined)
    throw new DataRefusal(404, 'liveChatMessageNotFound', 'The message cannot be found.');
  if (message.author_id !== call.channelId) requireModerator(call, chat);
  message.deleted_by = call.channelId;
  return undefined;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatBans/insert */
function insertBan(call: DataCall): DataResult {
  const snippet = call.body.within('snippet');
  const chat = call.requireChat(snippet.requireText('liveChatId', 'liveChatIdRequired'));
  const type = snippet.requireText('type', 'typeRequired');
  const target = snippet
    .within('bannedUserDetails')
    .requireText('channelId', 'bannedUserChannelIdRequired');
  const seconds = snippet.readInteger('banDurationSeconds');
  if (type !== 'permanent' && type !== 'temporary')
    throw new DataRefusal(400, 'invalid', `Invalid value at "type": ${type}`);
  if (type === 'permanent' && seconds !== undefined)
    throw new DataRefusal(400, 'invalid', 'banDurationSeconds belongs to temporary bans.');
  requireModerator(call, chat);
  if (!call.world.channels.has(target))
    throw new DataRefusal(404, 'channelNotFound', 'The channel to ban cannot be found.');
  if (call.world.moderates(target, chat)) {
    throw new DataRefusal(
      403,
      'liveChatBanInsertionNotAllowed',
      'The owner and the moderators of a chat cannot be banned.',
    );
  }
  const old = call.world.findBan(target, chat);
  if (old) chat.bans.delete(old.id);
  const lasts = seconds ?? DEFAULT_BAN_SECONDS;
  const ban = {
    id: inventId(20),
    channel_id: target,
    end: type === 'permanent' ? null : call.world.now() + lasts * 1_000,
  };
  chat.bans.set(ban.id, ban);
  return {
    kind: 'youtube#liveChatBan',
    id: ban.id,
    snippet: {
      liveChatId: chat.id,
      type,
      ...(type === 'temporary' && { banDurationSeconds: String(lasts) }),
      bannedUserDetails: { channelId: target, displayName: call.world.nameChannel(target) },
    },
  };
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatBans/delete */
function deleteBan(call: DataCall): DataResult {
  const id = call.requireQuery('id');
  const chat = [...call.world.chats.values()].find(({ bans }) => bans.has(id));
  const ban = chat?.bans.get(id);
  // Bans that ran out are none any more.
  if (!chat || !ban || call.world.findBan(ban.channel_id, chat)?.id !== id)
    throw new DataRefusal(404, 'liveChatBanNotFound', 'The ban cannot be found.');
  requireModerator(call, chat);
  chat.bans.delete(id);
  return undefined;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatModerators/insert */
function insertModerator(call: DataCall): DataResult {
  const snippet = call.body.within('snippet');
  const chat = call.requireChat(snippet.requireText('liveChatId', 'liveChatIdRequired'));
  const target = snippet
    .within('moderatorDetails')
    .requireText('channelId', 'moderatorChannelIdRequired');
  requireOwner(call, chat);
  if (!call.world.channels.has(target))
    throw new DataRefusal(404, 'channelNotFound', 'The channel cannot be found.');
  const known = [...chat.moderators].find(([, channelId]) => channelId === target)?.[0];
  const id = known ?? inventId(20);
  chat.moderators.set(id, target);
  return showModerator(call, id, target, chat);
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatModerators/list */
function listModerators(call: DataCall): DataResult {
  const chat = call.requireChat(call.requireQuery('liveChatId'));
  requireOwner(call, chat);
  const shown = [...chat.moderators].map(([id, channelId]) =>
    showModerator(call, id, channelId, chat),
  );
  return call.paginate(shown, 50);
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatModerators/delete */
function deleteModerator(call: DataCall): DataResult {
  const id = call.requireQuery('id');
  const chat = [...call.world.chats.values()].find(({ moderators }) => moderators.has(id));
  if (!chat) throw new DataRefusal(404, 'moderatorNotFound', 'The moderator cannot be found.');
  requireOwner(call, chat);
  chat.moderators.delete(id);
  return undefined;
}

function requireModerator(call: DataCall, chat: LiveChat): void {
  if (!call.world.moderates(call.channelId, chat))
    throw new DataRefusal(403, 'forbidden', 'You do not moderate this live chat.');
}

function requireOwner(call: DataCall, chat: LiveChat): void {
  call.requireSelf(chat.broadcast.channel_id, 'The live chat is not your own.');
}

function showMessage(
  { id, author_id, text, at, poll }: ChatMessage,
  chat: LiveChat,
  { world }: DataCall,
): object {
  return {
    kind: 'youtube#liveChatMessage',
    id,
    snippet: {
      type: poll ? 'pollEvent' : 'textMessageEvent',
      liveChatId: chat.id,
      authorChannelId: author_id,
      publishedAt: new Date(at).toISOString(),
      hasDisplayContent: true,
      displayMessage: text,
      ...(poll ? { pollDetails: showPoll(poll) } : { textMessageDetails: { messageText: text } }),
    },
    authorDetails: {
      channelId: author_id,
      channelUrl: `http://www.youtube.com/channel/${author_id}`,
      displayName: world.nameChannel(author_id),
      profileImageUrl: `https://i.example/${author_id}.jpg`,
      isVerified: false,
      isChatOwner: world.isOwner(author_id, chat),
      isChatSponsor: false,
      isChatModerator: world.moderates(author_id, chat),
    },
  };
}

function showPoll({ question, options, is_active }: ChatPoll): object {
  return {
    metadata: {
      questionText: question,
      options: options.map((optionText) => ({
        optionText,
        ...(!is_active && { tally: '0' }),
      })),
    },
    status: is_active ? 'active' : 'closed',
  };
}

function showModerator(call: DataCall, id: string, channelId: string, chat: LiveChat): object {
  return {
    kind: 'youtube#liveChatModerator',
    id,
    snippet: {
      liveChatId: chat.id,
      moderatorDetails: { channelId, displayName: call.world.nameChannel(channelId) },
    },
  };
}
