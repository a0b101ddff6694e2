// Real: Google's own library over HTTP. Fake: YouTube, as this project simulates it.
import { Readable } from 'node:stream';
import { google, type youtube_v3 } from 'googleapis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { YOUTUBE_SCOPES } from '../../src/platforms/youtube/simulation/scopes.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

const DEMO = 'UCsandboxDemoChannel0001';
const CHAT = 'Cg0KCc2FuZGJveENhc3Q';

let sandbox: TestSandbox;
let api: youtube_v3.Youtube;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  const grant = await sandbox.control<{ access_token: string }>('POST', '/sandbox/youtube/grants', {
    channel_id: DEMO,
    scopes: YOUTUBE_SCOPES,
  });
  const auth = new google.auth.OAuth2();
  auth.setCredentials({ access_token: grant.access_token });
  api = google.youtube({ version: 'v3', auth, rootUrl: `${sandbox.url}/` });
});

afterAll(() => sandbox?.close());

/** For files the library takes the address of the call alone. */
const local = () => ({ rootUrl: `${sandbox.url}/` });

/** A list of the library, and what is expected in its first item or in the whole. */
type Read = readonly [method: string, call: () => Promise<{ data: object }>, expected: object];

const first = (item: object): object => ({
  etag: expect.any(String) as string,
  items: expect.arrayContaining([expect.objectContaining(item)]) as object[],
});

const READS: readonly Read[] = [
  [
    'channels.list',
    () => api.channels.list({ part: ['snippet'], mine: true }),
    first({ kind: 'youtube#channel', id: DEMO }),
  ],
  [
    'videos.list',
    () => api.videos.list({ part: ['status'], id: ['sandboxVid1'] }),
    first({ kind: 'youtube#video', id: 'sandboxVid1' }),
  ],
  [
    'playlists.list',
    () => api.playlists.list({ part: ['snippet'], mine: true }),
    first({ id: 'PLsandboxPlaylist1' }),
  ],
  [
    'playlistItems.list',
    () => api.playlistItems.list({ part: ['snippet'], playlistId: 'PLsandboxPlaylist1' }),
    first({ id: 'item-sandbox-1' }),
  ],
  [
    'playlistImages.list',
    () => api.playlistImages.list({ part: ['snippet'] }),
    first({ id: 'image-sandbox-1' }),
  ],
  [
    'channelSections.list',
    () => api.channelSections.list({ part: ['snippet'], mine: true }),
    first({ id: 'section-sandbox-1' }),
  ],
  [
    'commentThreads.list',
    () => api.commentThreads.list({ part: ['snippet'], videoId: 'sandboxVid1' }),
    first({ id: 'UgsandboxComment1' }),
  ],
  [
    'comments.list',
    () => api.comments.list({ part: ['snippet'], parentId: 'UgsandboxComment1' }),
    { kind: 'youtube#commentListResponse' },
  ],
  [
    'captions.list',
    () => api.captions.list({ part: ['snippet'], videoId: 'sandboxVid1' }),
    first({ id: 'caption-sandbox-1' }),
  ],
  [
    'subscriptions.list',
    () => api.subscriptions.list({ part: ['snippet'], mine: true }),
    first({ id: 'sub-sandbox-1' }),
  ],
  [
    'liveBroadcasts.list',
    () => api.liveBroadcasts.list({ part: ['snippet'], broadcastStatus: 'active' }),
    first({ id: 'sandboxCast' }),
  ],
  [
    'liveStreams.list',
    () => api.liveStreams.list({ part: ['cdn'], mine: true }),
    first({ id: 'sandboxStream1' }),
  ],
  [
    'liveChatModerators.list',
    () => api.liveChatModerators.list({ part: ['snippet'], liveChatId: CHAT }),
    first({ kind: 'youtube#liveChatModerator' }),
  ],
  [
    'liveChatMessages.list',
    () => api.liveChatMessages.list({ part: ['snippet', 'authorDetails'], liveChatId: CHAT }),
    {
      ...first({ authorDetails: expect.objectContaining({ isChatOwner: false }) as object }),
      pollingIntervalMillis: expect.any(Number) as number,
      nextPageToken: expect.any(String) as string,
    },
  ],
  [
    'videoCategories.list',
    () => api.videoCategories.list({ part: ['snippet'], regionCode: 'US' }),
    { kind: 'youtube#videoCategoryListResponse' },
  ],
  [
    'membershipsLevels.list',
    () => api.membershipsLevels.list({ part: ['snippet'] }),
    first({ kind: 'youtube#membershipsLevel' }),
  ],
  [
    'search.list',
    () => api.search.list({ part: ['snippet'], q: 'first' }),
    { kind: 'youtube#searchListResponse' },
  ],
];

describe('what googleapis reads', () => {
  it.each(READS)('%s', async (_method, call, expected) => {
    expect((await call()).data).toMatchObject(expected);
  });

  it('is filtered by part, and comes by the page', async () => {
    const { data } = await api.playlists.list({ part: ['status'], mine: true, maxResults: 1 });
    expect(data.items?.map((item) => Object.keys(item).toSorted())).toEqual([
      ['etag', 'id', 'kind', 'status'],
    ]);
    const next = await api.playlists.list({
      part: ['id'],
      mine: true,
      maxResults: 1,
      pageToken: data.nextPageToken ?? '',
    });
    expect(next.data.items?.[0]?.id).not.toBe(data.items?.[0]?.id);
  });
});

describe('what googleapis writes is seen by what it reads', () => {
  it('playlists and their items', async () => {
    const made = await api.playlists.insert({
      part: ['snippet', 'status'],
      requestBody: { snippet: { title: 'Made' }, status: { privacyStatus: 'private' } },
    });
    const id = made.data.id ?? '';
    await api.playlists.update({
      part: ['snippet', 'status'],
      requestBody: { id, snippet: { title: 'Changed' }, status: { privacyStatus: 'unlisted' } },
    });
    const { data } = await api.playlists.list({ part: ['snippet', 'status'], id: [id] });
    expect(data.items).toMatchObject([
      { snippet: { title: 'Changed' }, status: { privacyStatus: 'unlisted' } },
    ]);
    const items = ['sandboxVid1', 'sandboxVid2'].map((videoId) => ({
      snippet: { playlistId: id, resourceId: { kind: 'youtube#video', videoId } },
    }));
    for (const requestBody of items)
      // oxlint-disable-next-line no-await-in-loop -- The order is what is looked at.
      await api.playlistItems.insert({ part: ['snippet'], requestBody });
    const list = await api.playlistItems.list({ part: ['snippet'], playlistId: id });
    const [one] = list.data.items ?? [];
    await api.playlistItems.update({
      part: ['snippet'],
      requestBody: {
        id: one?.id,
        snippet: { playlistId: id, resourceId: one?.snippet?.resourceId, position: 1 },
      },
    });
    const moved = await api.playlistItems.list({ part: ['snippet'], playlistId: id });
    expect(moved.data.items?.map(({ snippet }) => snippet?.resourceId?.videoId)).toEqual([
      'sandboxVid2',
      'sandboxVid1',
    ]);
    await api.playlists.delete({ id });
    expect((await api.playlists.list({ part: ['id'], id: [id] })).data.items).toEqual([]);
  });

  it('a broadcast, its stream, and its life', async () => {
    const broadcast = await api.liveBroadcasts.insert({
      part: ['snippet', 'status', 'contentDetails'],
      requestBody: {
        snippet: { title: 'Made', scheduledStartTime: '2099-01-01T00:00:00Z' },
        status: { privacyStatus: 'private' },
      },
    });
    const stream = await api.liveStreams.insert({
      part: ['snippet', 'cdn'],
      requestBody: {
        snippet: { title: 'Made' },
        cdn: { ingestionType: 'rtmp', resolution: 'variable', frameRate: 'variable' },
      },
    });
    const id = broadcast.data.id ?? '';
    const bound = await api.liveBroadcasts.bind({
      id,
      part: ['contentDetails', 'status'],
      streamId: stream.data.id ?? '',
    });
    expect(bound.data).toMatchObject({
      contentDetails: { boundStreamId: stream.data.id },
      status: { lifeCycleStatus: 'ready' },
    });
    await expect(api.liveStreams.delete({ id: stream.data.id ?? '' })).rejects.toMatchObject({
      code: 403,
    });
    await api.liveBroadcasts.delete({ id });
    await api.liveStreams.delete({ id: stream.data.id ?? '' });
    const left = await api.liveStreams.list({ part: ['id'], id: [stream.data.id ?? ''] });
    expect(left.data.items).toEqual([]);
  });

  it('a poll of a live chat', async () => {
    const poll = await api.liveChatMessages.insert({
      part: ['snippet'],
      requestBody: {
        snippet: {
          liveChatId: CHAT,
          type: 'pollEvent',
          pollDetails: {
            metadata: {
              questionText: 'Which?',
              options: [{ optionText: 'A' }, { optionText: 'B' }],
            },
          },
        },
      },
    });
    const read = () => api.liveChatMessages.list({ part: ['snippet'], liveChatId: CHAT });
    expect((await read()).data.activePollItem?.id).toBe(poll.data.id);
    await api.liveChatMessages.transition({ id: poll.data.id ?? '', status: 'closed' });
    expect((await read()).data.activePollItem).toBeUndefined();
  });

  it('a video in one request, its thumbnail, its captions and its rating', async () => {
    const video = await api.videos.insert(
      {
        part: ['snippet', 'status'],
        requestBody: { snippet: { title: 'Made' }, status: { privacyStatus: 'private' } },
        media: { mimeType: 'video/mp4', body: Readable.from([Buffer.alloc(300_000, 7)]) },
      },
      local(),
    );
    const id = video.data.id ?? '';
    const thumbnail = await api.thumbnails.set(
      {
        videoId: id,
        media: { mimeType: 'image/png', body: Readable.from([Buffer.alloc(5_000, 1)]) },
      },
      local(),
    );
    const read = async () => {
      const { data } = await api.videos.list({ part: ['snippet', 'statistics'], id: [id] });
      return data.items?.[0];
    };
    expect((await read())?.snippet?.thumbnails).toEqual(thumbnail.data.items?.[0]);
    await api.videos.rate({ id, rating: 'like' });
    expect((await read())?.statistics?.likeCount).toBe('1');
    const track = await api.captions.insert(
      {
        part: ['snippet'],
        requestBody: { snippet: { videoId: id, language: 'en', name: '' } },
        media: { mimeType: 'text/vtt', body: 'WEBVTT' },
      },
      local(),
    );
    const tracks = await api.captions.list({ part: ['snippet'], videoId: id });
    expect(tracks.data.items?.map((one) => one.id)).toEqual([track.data.id]);
    await api.videos.delete({ id });
    expect(await read()).toBeUndefined();
  });

  it('the settings of the channel, its banner, sections, subscriptions and watermark', async () => {
    const banner = await api.channelBanners.insert(
      {
        media: { mimeType: 'image/png', body: Readable.from([Buffer.alloc(100, 2)]) },
        requestBody: {},
      },
      local(),
    );
    await api.channels.update({
      part: ['brandingSettings'],
      requestBody: {
        id: DEMO,
        brandingSettings: {
          channel: { description: 'Made' },
          image: { bannerExternalUrl: banner.data.url },
        },
      },
    });
    const { data } = await api.channels.list({ part: ['brandingSettings'], id: [DEMO] });
    expect(data.items?.[0]?.brandingSettings).toMatchObject({
      channel: { description: 'Made' },
      image: { bannerExternalUrl: banner.data.url },
    });
    const set = await api.watermarks.set(
      {
        channelId: DEMO,
        requestBody: { timing: { type: 'offsetFromStart', offsetMs: '0' } },
        media: { mimeType: 'image/png', body: Readable.from([Buffer.alloc(100, 3)]) },
      },
      local(),
    );
    expect(set.status).toBe(204);
    await api.watermarks.unset({ channelId: DEMO });
    const subscription = await api.subscriptions.insert({
      part: ['snippet'],
      requestBody: {
        snippet: { resourceId: { kind: 'youtube#channel', channelId: 'UCsandboxModerator000001' } },
      },
    });
    await api.subscriptions.delete({ id: subscription.data.id ?? '' });
    const section = await api.channelSections.insert({
      part: ['snippet'],
      requestBody: { snippet: { type: 'recentUploads' } },
    });
    await api.channelSections.delete({ id: section.data.id ?? '' });
  });
});
