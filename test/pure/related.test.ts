// Real: how the simulated YouTube reads a file that comes with its metadata. Nothing is fake.
import { describe, expect, it } from 'vitest';
import { readRelated } from '../../src/platforms/youtube/simulation/related.js';

const METADATA = '{"snippet":{"title":"t"}}';

interface Written {
  readonly eol?: string;
  readonly mark?: string;
  readonly heads?: readonly [readonly string[], readonly string[]];
  readonly file?: string;
  readonly end?: string;
}

const HEADS = [['Content-Type: application/json'], ['Content-Type: image/png']] as const;

/** A body with two parts, each with the end of line before the next mark. */
function write({
  eol = '\r\n',
  mark = 'm',
  heads = HEADS,
  file = 'PNG',
  end = '--',
}: Written): Buffer {
  const parts = [METADATA, file].map((content, index) =>
    [`--${mark}`, ...heads[index as 0 | 1], '', content].join(eol),
  );
  return Buffer.from([...parts, `--${mark}${end}`, ''].join(eol), 'latin1');
}

const read = (body: Buffer, type = 'multipart/related; boundary=m') =>
  readRelated({ 'content-type': type }, body);
const whole = (file = 'PNG', type: string | undefined = 'image/png') => ({
  metadata: METADATA,
  type,
  file: Buffer.from(file, 'latin1'),
});

describe('a body of multipart/related', () => {
  it.each([
    ['\r\n', 'PNG'],
    ['\n', 'PNG'],
    ['\n', 'ends with\r'],
    ['\r\n', 'ends with\r\n'],
    ['\n', 'ends with\r\n'],
    ['\r\n', '\r\n\r\nbegins so'],
    ['\n', 'a mark --m in a line'],
    ['\r\n', ''],
  ])('with ends of lines %j holds the file %j as it is', (eol, file) => {
    expect(read(write({ eol, file }))).toEqual(whole(file));
  });

  it.each([
    ['multipart/related; boundary=m', 'm'],
    ['multipart/related; boundary="m"', 'm'],
    ['Multipart/Related; type="application/json"; Boundary="m"', 'm'],
    [
      'multipart/related;boundary="===============7330845974216740156=="',
      '===============7330845974216740156==',
    ],
    ['multipart/related; boundary="a;b c"; charset=utf-8', 'a;b c'],
  ])('names its mark as %s', (type, mark) => {
    expect(read(write({ mark }), type)).toEqual(whole());
  });

  it.each<readonly [readonly string[], string | undefined]>([
    [
      ['Content-Type: image/png', 'MIME-Version: 1.0', 'Content-Transfer-Encoding: binary'],
      'image/png',
    ],
    [['MIME-Version: 1.0', 'content-type:image/png  '], 'image/png'],
    [['CONTENT-TYPE: image/png; name="x"'], 'image/png; name="x"'],
    [['X-Other: 1'], undefined],
    [[], undefined],
  ])('takes a part with the headers %j', (head, type) => {
    expect(read(write({ heads: [[], head] }))).toEqual({ ...whole(), type });
  });

  it.each([
    ['of another type', write({}), 'multipart/mixed; boundary=m'],
    ['without a mark', write({}), 'multipart/related'],
    ['with another mark', write({}), 'multipart/related; boundary=n'],
    ['with one part', Buffer.from(`--m\r\n\r\n${METADATA}\r\n--m--\r\n`)],
    ['with three parts', Buffer.from('--m\r\n\r\n1\r\n--m\r\n\r\n2\r\n--m\r\n\r\n3\r\n--m--\r\n')],
    [
      'with a part without an empty line',
      Buffer.from('--m\r\n\r\n1\r\n--m\r\nContent-Type: a/b--m--\r\n'),
    ],
    ['without an end', Buffer.from(`--m\r\n\r\n${METADATA}\r\n--m\r\n\r\nPNG`)],
    ['that is empty', Buffer.alloc(0)],
  ])('%s is none', (_what, body, type?: string) => {
    expect(read(body, type)).toBeUndefined();
  });
});
