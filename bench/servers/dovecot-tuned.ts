/** What one would set to make Dovecot fast for many sessions and much mail. */
export const dovecotTuning = `auth_cache_size = 10M
auth_cache_ttl = 1 hour
mail_always_cache_fields = flags imap.envelope imap.bodystructure date.received size.virtual hdr.from hdr.subject
service imap-login {
  service_count = 0
  process_min_avail = 2
}
service pop3-login {
  service_count = 0
  process_min_avail = 2
}
service imap {
  service_count = 0
  client_limit = 100
  process_min_avail = 8
}
service pop3 {
  service_count = 0
  process_min_avail = 8
}
service lmtp {
  process_min_avail = 8
}`;

export const dovecotTuned = [
  'login and mail processes are kept and shared by sessions, logins cached, envelopes cached from the first',
  'Dovecot tells an idling session 0.5 s after a change: 2.3 has no setting for that',
] as const;
