/** Something that a task prints by itself as time goes on. */
export interface Printer {
  /** When it prints for the first time (ms), and how long between two times. */
  start: number;
  every: number;
  /** How often it prints in all. */
  times: number;
  /** What it prints the nth time, which is at `ms`. */
  text: (n: number, ms: number) => string;
}

/** One file of a log: `<task>.<stream>.<number>`. */
interface LogFile {
  number: number;
  chunks: Buffer[];
  size: number;
}

/** The log of one stream of a task, in files of a limited size and number. */
export interface LogStream {
  write(text: string): void;
  /** Lets a task print from now on; nothing is written before somebody looks. */
  print(printer: Printer): void;
  /** The task has ended: it prints no more. */
  end(): void;
  /** The files as they are now, oldest first. */
  files(): { number: number; size: number; bytes: () => Buffer }[];
}

interface Running extends Printer {
  printed: number;
}

/** A log that a task prints to. What it prints by itself is worked out when it is read, so that a quiet cluster costs nothing. */
export function createLog(now: () => number, maxFiles: number, maxFileBytes: number): LogStream {
  const files: LogFile[] = [{ number: 0, chunks: [], size: 0 }];
  let printers: Running[] = [];
  const append = (bytes: Buffer) => {
    let rest = bytes;
    while (rest.length > 0) {
      let file = files.at(-1);
      if (!file || file.size >= maxFileBytes) {
        file = { number: (file?.number ?? -1) + 1, chunks: [], size: 0 };
        files.push(file);
        if (files.length > maxFiles) files.shift();
      }
      const part = rest.subarray(0, maxFileBytes - file.size);
      file.chunks.push(part);
      file.size += part.length;
      rest = rest.subarray(part.length);
    }
  };
  const due = (printer: Running) => printer.start + printer.printed * printer.every;
  const catchUp = () => {
    const until = now();
    for (;;) {
      let next: Running | undefined;
      for (const printer of printers)
        if (printer.printed < printer.times && due(printer) <= until && (!next || due(printer) < due(next)))
          next = printer;
      if (!next) break;
      append(Buffer.from(next.text(next.printed, due(next))));
      next.printed++;
    }
  };
  return {
    write(text) {
      catchUp();
      append(Buffer.from(text));
    },
    print(printer) {
      catchUp();
      printers.push({ ...printer, printed: 0 });
    },
    end() {
      catchUp();
      printers = [];
    },
    files() {
      catchUp();
      return files.map((file) => ({
        number: file.number,
        size: file.size,
        bytes() {
          if (file.chunks.length > 1) file.chunks = [Buffer.concat(file.chunks)];
          return file.chunks[0] ?? Buffer.alloc(0);
        },
      }));
    },
  };
}

/** A place in a log: a file and how far into it. */
export interface Place {
  number: number;
  offset: number;
}

/** Where reading begins: so many bytes after the start or before the end, across files. */
export function findPlace(log: LogStream, origin: "start" | "end", offset: number): Place {
  const files = log.files();
  // before the end by nothing means the beginning of the newest file, as in Nomad
  let at = origin === "end" ? files.length - 1 : 0;
  let left = offset;
  if (origin === "end") {
    for (; at > 0 && left > (files[at]?.size ?? 0); at--) left -= files[at]?.size ?? 0;
    const size = files[at]?.size ?? 0;
    return { number: files[at]?.number ?? 0, offset: offset === 0 ? 0 : Math.max(0, size - left) };
  }
  for (; at < files.length - 1 && left > (files[at]?.size ?? 0); at++) left -= files[at]?.size ?? 0;
  return { number: files[at]?.number ?? 0, offset: Math.min(left, files[at]?.size ?? 0) };
}

/** Everything after a place, and the place behind it. */
export function readFrom(log: LogStream, place: Place): { parts: { number: number; bytes: Buffer }[]; next: Place } {
  const parts: { number: number; bytes: Buffer }[] = [];
  let next = place;
  for (const file of log.files()) {
    if (file.number < place.number) continue;
    const from = file.number === place.number ? place.offset : 0;
    if (file.size > from) parts.push({ number: file.number, bytes: file.bytes().subarray(from) });
    next = { number: file.number, offset: file.size };
  }
  return { parts, next };
}
