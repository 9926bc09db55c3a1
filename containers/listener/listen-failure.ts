/** Why a port could not be listened on, said so that an operator knows what to do. */

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** The address cannot be listened on; the message names it. */
export class ListenFailed extends Error {
  readonly host: string;
  readonly port: number;
  constructor(message: string, { host, port }: ListenAddress, cause: unknown) {
    super(message, { cause });
    this.name = 'ListenFailed';
    this.host = host;
    this.port = port;
  }
}

/** Another program listens there. */
export class PortInUse extends ListenFailed {
  constructor(address: ListenAddress, cause: unknown) {
    super(`${written(address)} is in use by another program`, address, cause);
    this.name = 'PortInUse';
  }
}

/** What the system's error means. */
export function listenFailure(address: ListenAddress, fault: NodeJS.ErrnoException): ListenFailed {
  const where = written(address);
  switch (fault.code ?? '') {
    case 'EADDRINUSE':
      return new PortInUse(address, fault);
    case 'EACCES':
      return new ListenFailed(
        `${where} needs rights that this user does not have (ports below 1024 often do)`,
        address,
        fault,
      );
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'ENOTFOUND':
      return new ListenFailed(`${where} is no address of this machine`, address, fault);
    default:
      return new ListenFailed(`${where} cannot be listened on: ${fault.message}`, address, fault);
  }
}

function written({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
