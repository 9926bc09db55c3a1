/** A mail server that does what a test tells it, for all that no honest one does. */
import type { EngineFactory } from '../../../../mail/wire/engine.ts';
import { LineReader } from '../../../../mail/wire/line-reader.ts';

/** What a command is answered with: reply lines with CRLF, or `silence`, or with `hang up` the connection's end. */
export type Answer = string;

export interface OddServer {
  readonly engine: EngineFactory;
  /** All command lines, in order; `.` for the end of a message. */
  readonly commands: readonly string[];
  /** Messages that came to their end, as they were sent. */
  readonly messages: readonly string[];
  /** Sessions so far. */
  readonly sessions: () => number;
}

const hello = ['PIPELINING', 'SIZE 1000000', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'];

/** `answer` says what is odd; undefined is an honest server's answer. `GREETING` is asked for like a command. */
export function oddServer(
  answer: (command: string, session: number) => Answer | undefined = () => undefined,
  { extensions = hello }: { readonly extensions?: readonly string[] } = {},
): OddServer {
  const commands: string[] = [];
  const messages: string[] = [];
  let sessions = 0;
  return {
    commands,
    messages,
    sessions: () => sessions,
    engine: (_, output) => {
      const session = ++sessions;
      const reader = new LineReader({ maxOctets: 100_000, lineEnd: 'crlf' });
      let message: string[] | undefined;
      const act = async (command: string): Promise<void> => {
        const said = answer(command, session) ?? honest(command, extensions);
        if (said === 'hang up') return output.end();
        if (said !== 'silence') output.write(said);
        if (command === 'STARTTLS' && said.startsWith('220')) await output.startTls();
        if (command === 'DATA' && said.startsWith('354')) message = [];
        if (command === 'QUIT') output.end();
      };
      return {
        start: () => act('GREETING'),
        async receive(bytes) {
          reader.push(bytes);
          for (let read = reader.read(); read !== undefined; read = reader.read()) {
            const line = read.kind === 'line' ? read.line.toString() : read.kind;
            if (message !== undefined && line !== '.') {
              if (answer('LINE', session) === 'hang up') return output.end();
              message.push(line);
              continue;
            }
            commands.push(line);
            if (message !== undefined) messages.push(message.join('\r\n'));
            message = undefined;
            await act(line);
          }
        },
        idle: () => {},
        leave: () => {
          output.write('421 4.3.2 going down\r\n');
          output.end();
        },
        closed: async () => {},
      };
    },
  };
}

function honest(command: string, extensions: readonly string[]): string {
  const verb = command.split(' ')[0] ?? '';
  switch (verb) {
    case 'GREETING':
      return '220 odd.test\r\n';
    case 'EHLO': {
      const lines = ['odd.test', ...extensions];
      return lines.map((line, at) => `250${at === lines.length - 1 ? ' ' : '-'}${line}\r\n`).join('');
    }
    case 'STARTTLS':
      return '220 go ahead\r\n';
    case 'DATA':
      return '354 go on\r\n';
    case 'AUTH':
      return '235 2.7.0 ok\r\n';
    case 'QUIT':
      return '221 bye\r\n';
    default:
      return '250 2.0.0 ok\r\n';
  }
}
