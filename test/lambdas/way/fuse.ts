/** Kills a process at its n-th call of a port: before the call takes place, or after it did and nobody heard. */
export interface Kill {
  readonly at: number;
  readonly when: 'before' | 'after';
}

export class Fuse {
  calls = 0;
  blown = false;
  readonly #kill: Kill | undefined;

  constructor(kill?: Kill) {
    this.#kill = kill;
  }

  /** The same port; its promises and iterators fail from the kill on, as those of a process that is gone. */
  wrap<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...parameters: unknown[]) => this.#call(() => member.apply(target, parameters) as unknown);
      },
    });
  }

  #call(call: () => unknown): unknown {
    if (this.blown) throw new Killed();
    this.calls += 1;
    const now = this.#kill?.at === this.calls ? this.#kill.when : undefined;
    if (now === 'before') {
      this.blown = true;
      throw new Killed();
    }
    const result = call();
    if (!(result instanceof Promise)) {
      if (now === 'after') this.blown = true;
      return isUpload(result) ? this.wrap(result) : result;
    }
    return result.then((value: unknown) => {
      if (now === 'after') this.blown = true;
      if (this.blown) throw new Killed();
      return value;
    });
  }
}

function isUpload(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'finish' in value;
}

export class Killed extends Error {
  constructor() {
    super('the process was killed');
    this.name = 'Killed';
  }
}
