/** A progress bar on a terminal; on anything else, nothing. */
import { formatSize } from './values.ts';

export interface Progress {
  /** `note` stands behind the bar. */
  show(doneBytes: number, note: string): void;
  end(): void;
}

/** Draws on `stream` at most ten times a second. */
export function startProgress(stream: NodeJS.WriteStream, totalBytes: number): Progress {
  const began = Date.now();
  let last = 0;
  const width = 28;
  const draw = (doneBytes: number, note: string) => {
    const part = totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes);
    const bar = '█'.repeat(Math.round(part * width)).padEnd(width, '░');
    const seconds = (Date.now() - began) / 1000;
    const left = part > 0.01 && part < 1 ? `, ${Math.ceil((seconds / part) * (1 - part))} s left` : '';
    const line = `${bar} ${Math.round(part * 100)} % of ${formatSize(totalBytes)}, ${note}${left}`;
    stream.write(`\r${line.slice(0, (stream.columns ?? 80) - 1)}\x1b[K`);
  };
  return {
    show(doneBytes, note) {
      if (!stream.isTTY || Date.now() - last < 100) return;
      last = Date.now();
      draw(doneBytes, note);
    },
    end() {
      if (stream.isTTY && last > 0) stream.write('\r\x1b[K');
    },
  };
}
