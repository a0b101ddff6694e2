import type { FileStream, Upload } from '../actions/upload.js';
import type { UpstreamDependencies } from './upstream-dependencies.js';

/**
 * Opens the file of an upload: the one at its address, in its parameter, or else the one that came with the request.
 * @throws ActionFailure for an address that may not be asked, or gives no file
 */
export async function openUploadFile(
  { url, content, maxBytes }: Upload,
  attached: FileStream | undefined,
  { egress, timeoutMs }: Pick<UpstreamDependencies, 'egress' | 'timeoutMs'>,
  signal: AbortSignal,
): Promise<FileStream> {
  if (url !== undefined) return egress.open(url, { maxBytes, timeoutMs, signal });
  if (content !== undefined) return readContent(content);
  if (attached) return attached;
  throw new Error('There is nothing to upload');
}

/** A file in memory, read at once. */
function readContent(content: Uint8Array): FileStream {
  let rest: Uint8Array | undefined = content;
  return {
    type: '',
    size: content.length,
    async read() {
      const bytes = rest;
      rest = undefined;
      return bytes?.length === 0 ? undefined : bytes;
    },
    close: () => undefined,
  };
}
