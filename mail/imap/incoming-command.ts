/**
 * One command on its way in: its tag and name are known with its first line, so that it can be refused before its
 * literals come, and those of APPEND can be taken as they come.
 */
import {
  commandStart,
  done,
  type Command,
  type CommandStart,
  type Intake,
  type LiteralDecision,
  type Outcome,
  type State,
} from './command.ts';
import type { Session } from './session.ts';
import { statuses, type Status } from './status.ts';
import type { CommandText } from './syntax/command-text.ts';
import { Scanner } from './syntax/scanner.ts';

export class IncomingCommand {
  readonly #session: Session;
  readonly #start: CommandStart;
  readonly #command: Command | undefined;
  /** Why it is not run. */
  readonly #refusal: Status | undefined;
  #intake: Intake | undefined;
  #literals = 0;

  /** `text` begins with the command's first line. */
  constructor(session: Session, text: CommandText) {
    this.#session = session;
    this.#start = commandStart(text);
    this.#command = this.#start.kind === 'ok' ? session.registry.commands.get(this.#start.name) : undefined;
    this.#refusal = this.#refuse();
  }

  /** `*` where it has none. */
  get tag(): string {
    return this.#start.tag ?? '*';
  }

  /** For the log: never an argument. */
  get name(): string {
    return this.#command?.name ?? 'unknown';
  }

  /** What the client is told before the tagged response. */
  get tells(): NonNullable<Command['tells']> {
    if (this.#start.tag === undefined) return 'nothing';
    return this.#command?.tells ?? 'everything';
  }

  /** What becomes of the literal of so many octets that `text` ends with. */
  async literal(
    text: CommandText,
    { octets, commandBytes }: { readonly octets: number; readonly commandBytes: number },
  ): Promise<LiteralDecision> {
    if (this.#refusal !== undefined) return { kind: 'refuse', status: this.#refusal };
    this.#literals += 1;
    const { limits, principal } = this.#session;
    if (this.#literals > limits.literals) return { kind: 'refuse', status: statuses.commandTooLarge };
    const decision = await this.#decide(text, octets);
    const most = principal === undefined ? limits.loginCommandBytes : limits.commandBytes;
    if (decision.kind === 'gather' && commandBytes + octets > most)
      return { kind: 'refuse', status: statuses.commandTooLarge };
    return decision;
  }

  /** The command is whole. A fault becomes a status. */
  async run(text: CommandText): Promise<Outcome> {
    if (this.#refusal !== undefined) return done(this.#refusal);
    if (this.#command === undefined) return done(statuses.unknownCommand);
    const args = this.#arguments(text);
    this.#session.tag = this.tag;
    const intake = this.#begun();
    return intake === undefined ? this.#command.run(this.#session, args) : intake.run(args);
  }

  /** It is over, however it ended. */
  async dispose(): Promise<void> {
    const intake = this.#intake;
    this.#intake = undefined;
    await intake?.dispose();
  }

  async #decide(text: CommandText, octets: number): Promise<LiteralDecision> {
    return (await this.#begun()?.literal(this.#arguments(text), octets)) ?? { kind: 'gather' };
  }

  #begun(): Intake | undefined {
    this.#intake ??= this.#command?.begin?.(this.#session);
    return this.#intake;
  }

  #arguments(text: CommandText): Scanner {
    return new Scanner(text, this.#start.kind === 'ok' ? this.#start.argumentsAt : 0);
  }

  #refuse(): Status | undefined {
    if (this.#start.kind === 'bad')
      return this.#start.tag === undefined ? statuses.noTag : statuses.unknownCommand;
    if (this.#command === undefined) return statuses.unknownCommand;
    const { name, states } = this.#command;
    const { state } = this.#session;
    return states.includes(state) ? undefined : statuses.wrongState(name, whyNot(states, state));
  }
}

function whyNot(states: readonly State[], state: State): string {
  if (state === 'notAuthenticated') return 'log in first';
  return states.includes('selected') ? 'SELECT a mailbox first' : 'only before login';
}
