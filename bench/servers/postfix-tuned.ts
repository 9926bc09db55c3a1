/** What one would set to make Postfix fast for much mail that goes to one LMTP server. */
export const postfixTuning: readonly string[] = [
  'default_process_limit = 200',
  'in_flow_delay = 0',
  'lmtp_destination_concurrency_limit = 20',
  'initial_destination_concurrency = 20',
  'lmtp_connection_cache_on_demand = yes',
  'lmtp_connection_cache_destinations = static:all',
  'max_use = 1000',
];

export const postfixTuned = 'Postfix: 200 processes, 20 LMTP connections kept, no flow delay';
