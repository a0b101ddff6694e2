import { describe, expect, it } from 'vitest';
import { describeAttachment, toForwardedText, toHeaderText } from '../../src/media/header-text.js';
import { describeVideo } from '../../src/media/video-description.js';

/** What Node.js takes as the value of a header. */
const IS_HEADER = /^[\t\x20-\x7e\x80-\xff]*$/;

describe('texts of headers', () => {
  it.each([
    ['plain', 'plain'],
    ['Café', 'Café'],
    ['日本', '%E6%97%A5%E6%9C%AC'],
    ['two\r\nlines', 'two%0D%0Alines'],
    ['half \ud800', 'half%20%EF%BF%BD'],
  ])('%j is %j', (text, header) => {
    expect(toHeaderText(text)).toBe(header);
    expect(toHeaderText(text)).toMatch(IS_HEADER);
  });

  it('are forwarded byte for byte, but for what no header holds', () => {
    const utf8 = Buffer.from('日本').toString('latin1');
    expect(toForwardedText(utf8)).toBe(utf8);
    expect(toForwardedText('a\r\nset-cookie: b\u0100')).toBe('aset-cookie: b');
  });

  it.each([
    ['A/B: "C"', `attachment; filename="A B   C.mp3"; filename*=UTF-8''A%20B%20%20%20C.mp3`],
    [
      '50% (日)',
      `attachment; filename="50_ (_).mp3"; filename*=UTF-8''50%25%20%28%E6%97%A5%29.mp3`,
    ],
    ['', `attachment; filename="media.mp3"; filename*=UTF-8''media.mp3`],
  ])('name the file of %j', (title, header) => {
    expect(describeAttachment(title, 'mp3')).toBe(header);
    expect(describeAttachment(title, 'mp3')).toMatch(IS_HEADER);
  });
});

describe('what yt-dlp says of a video', () => {
  it('is brought into the old form', () => {
    const described = describeVideo({
      id: 'x',
      title: 'T',
      description: 'd'.repeat(900),
      duration: 12,
      view_count: 5,
      channel: 'C',
      channel_url: 'https://c',
      upload_date: '20240229',
      thumbnails: Array.from({ length: 9 }, (_none, n) => ({ url: `t${n}` })),
      tags: Array.from({ length: 20 }, (_none, n) => `k${n}`),
      categories: ['Music'],
      formats: [
        { format_id: '140', vcodec: 'none', acodec: 'mp4a', tbr: 129.5 },
        { format_id: '18', vcodec: 'avc1', acodec: 'mp4a' },
      ],
    });
    expect(described).toMatchObject({
      videoId: 'x',
      lengthSeconds: 12,
      author: { name: 'C', channelUrl: 'https://c', subscriberCount: null },
      uploadDate: '2024-02-29',
      category: 'Music',
      isLiveContent: false,
      formats: {
        audioFormats: [{ itag: '140', bitrate: 129_500 }],
        videoFormats: [{ itag: '18' }],
      },
    });
    expect(described['description']).toHaveLength(500);
    expect(described['thumbnails']).toHaveLength(5);
    expect(described['keywords']).toHaveLength(10);
  });

  it('may be nothing', () => {
    expect(describeVideo({})).toMatchObject({ videoId: null, keywords: [], thumbnails: [] });
  });
});
