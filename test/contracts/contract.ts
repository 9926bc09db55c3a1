/** How a contract suite is given a driver, and what the driver leaves out with its reason. */
import { test } from 'node:test';

/** Something opened for a test, and closed after it. */
export interface Opened<Port> {
  readonly port: Port;
  close(): Promise<void>;
}

/** A driver's module, loaded by a child process, exports this as `openPort`. */
export type OpenPort<Port> = (argument: string) => Promise<Opened<Port>>;

/** Where a child process finds the same store. */
export interface ChildAccess {
  /** The URL of the module that exports `openPort`. */
  readonly module: string;
  /** What it is called with. */
  readonly argument: string;
}

/** A store of its own for one test, empty at first; `open` may be called again, as after a restart. */
export interface Fixture<Port> {
  open(): Promise<Opened<Port>>;
  readonly child: ChildAccess;
  /** Closes what is open and removes everything. */
  remove(): Promise<void>;
}

/** A test of a contract: run with a fixture of its own, or skipped with the driver's reason. */
export function contractTest<Port, Made extends Fixture<Port>>(options: {
  readonly driver: string;
  readonly name: string;
  readonly fixture: () => Promise<Made>;
  /** Why the driver cannot do it; it runs where there is none. */
  readonly unsupported: string | undefined;
  readonly body: (port: Port, fixture: Made) => Promise<void>;
}): void {
  const { driver, name, fixture, unsupported, body } = options;
  test(`${driver}: ${name}`, { skip: unsupported ?? false }, async () => {
    const made = await fixture();
    try {
      const opened = await made.open();
      await body(opened.port, made);
      await opened.close();
    } finally {
      await made.remove();
    }
  });
}
