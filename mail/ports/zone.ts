/** Zone: a part of the DNS that programs of ours change: an address, a proof for a certificate authority. */

export interface ZoneRecord {
  /** Without a final dot. */
  readonly name: string;
  readonly type: 'A' | 'TXT';
  /** Seconds. */
  readonly ttl: number;
  /** As a zone file has them: a TXT in quotes. */
  readonly values: readonly string[];
}

export interface Zone {
  /** In place of what there is under the name and of the type. Resolves when all servers of the zone know. */
  put(records: readonly ZoneRecord[]): Promise<void>;
  /** Exactly as they were put. What is not there is no error. */
  remove(records: readonly ZoneRecord[]): Promise<void>;
}
