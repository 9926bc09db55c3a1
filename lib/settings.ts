/** What an admin sets of a deployment, checked. */
import { z } from 'zod';
import { canonicalDomain } from '../mail/message/address.ts';

const domain = z
  .string()
  .transform((text) => canonicalDomain(text))
  .refine((name) => name !== undefined, 'must be a domain name such as example.org')
  .transform((name) => name ?? '');

const arn = z.string().regex(/^arn:/, 'must be an ARN');

const schema = z.strictObject({
  /** Names the deployment: everything in the console begins with it. */
  stage: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,19}$/, 'must be lower-case letters, digits and hyphens, 20 at most')
    .default('posta'),
  /** The first domain whose mail it takes; more are added later, by an admin. */
  domain,
  /** More domains whose identities in SES and whose DNS records it keeps: an array, or a list with commas. */
  moreDomains: z
    .preprocess((given) => (typeof given === 'string' ? given.split(',') : given), z.array(domain))
    .default([]),
  /** What the server calls itself; the MX record and the certificate are for it. Default `mail.<domain>`. */
  hostname: domain.optional(),
  /**
   * - `single`: one task with a public address, without a load balancer: the least that can be paid.
   * - `compact`: a load balancer in one zone, one task for all protocols.
   * - `standard`: two zones, a service for each protocol.
   */
  profile: z.enum(['single', 'compact', 'standard']).default('compact'),
  /**
   * Who takes mail for other servers. `mx`: the recipients' own, from a task of its own; AWS must have opened port 25 for
   * the account. `hold` keeps it until an admin releases it.
   */
  nextHop: z.enum(['ses', 'smart-host', 'mx', 'hold']).default('ses'),
  /** Of `smart-host`: a secret that holds `smtps://user:password@host`. */
  smartHostSecret: arn.optional(),
  /** The hosted zone of Route 53 that `domain` is in: then all records are kept there. Without it they are printed. */
  hostedZoneId: z
    .string()
    .regex(/^Z[A-Z0-9]+$/, 'must be the id of a hosted zone, such as Z0123456789ABC')
    .optional(),
  /** The zone's name, where it is not `domain`. */
  hostedZoneName: domain.optional(),
  /**
   * - `acme`: got and renewed from a certificate authority (RFC 8555), proved by DNS records; the default with a hosted zone.
   * - `acm`: an exportable one of AWS Certificate Manager, `certificateArn`.
   * - `secret`: yours, in `certificateSecret`, or in the secret that the deployment makes.
   */
  certificate: z.enum(['acme', 'acm', 'secret']).optional(),
  certificateArn: arn.optional(),
  /** Holds `{"certificate": …, "key": …}` in PEM. Without it the deployment makes one. */
  certificateSecret: arn.optional(),
  /** Where the certificate authority writes to when something is wrong. */
  acmeMail: z.email().optional(),
  /** A file, PEM: what the authority's own certificate is trusted by, where it is a private one. */
  acmeCa: z.string().min(1).optional(),
  acmeDirectory: z.url().default('https://acme-v02.api.letsencrypt.org/directory'),
  /** What the MTA-STS policy says of servers that cannot encrypt (RFC 8461). */
  mtaSts: z.enum(['enforce', 'testing', 'none']).default('testing'),
  /** `printed`: the DNS records are only told, as outputs of the stack, though there is a hosted zone. */
  dns: z.enum(['kept', 'printed']).default('kept'),
  /** Where other servers' reports go (DMARC, TLS-RPT). Default `postmaster@` each domain. */
  reportMail: z.email().optional(),
  /** Who is told by mail of alarms; best an address that this deployment does not serve. */
  alarmMail: z.email().optional(),
  /** How long an expunged message can be brought back. */
  retentionDays: z.coerce.number().int().min(0).max(3650).default(30),
  /** In bytes; SES takes 40 MB. */
  maxMessageSize: z.coerce
    .number()
    .int()
    .min(65_536)
    .default(40 * 2 ** 20),
  /** Tasks of each service at most; more are started as connections and load grow. */
  maxTasks: z.coerce.number().int().min(1).max(50).default(4),
  /** The containers' image from a registry; without it Docker builds it at deploy. */
  image: z.string().min(1).optional(),
});

/** What `posta.config.ts` exports: `export default { domain: 'example.org' } satisfies PostaConfig`. */
export type PostaConfig = z.input<typeof schema>;

export type PostaSettings = Omit<z.output<typeof schema>, Completed> &
  Required<Pick<z.output<typeof schema>, Completed>>;

/** What follows from the others where it is not given. */
type Completed = 'hostname' | 'certificate' | 'hostedZoneName';

/** Each may be given with `-c`. */
export const settingNames = Object.keys(schema.shape);

/** Throws an error for people, that names each setting that is missing or wrong. */
export function readSettings(given: Readonly<Record<string, unknown>>): PostaSettings {
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(
      `The settings of this deployment are not complete. ${wrong.join('; ')}. ` +
        'Write them into posta.config.json or posta.config.ts, or give them as -c domain=example.org',
    );
  }
  const { domain: first, ...rest } = parsed.data;
  const settings: PostaSettings = {
    ...rest,
    domain: first,
    hostname: rest.hostname ?? `mail.${first}`,
    certificate: rest.certificate ?? (rest.hostedZoneId === undefined ? 'secret' : 'acme'),
    hostedZoneName: rest.hostedZoneName ?? first,
  };
  const missing = whatIsMissing(settings);
  if (missing !== undefined) throw new Error(missing);
  return settings;
}

/** Settings that ask for others. */
function whatIsMissing(settings: PostaSettings): string | undefined {
  const { nextHop, profile, certificate, hostedZoneId } = settings;
  if (nextHop === 'smart-host' && settings.smartHostSecret === undefined)
    return 'nextHop is smart-host: name the secret with its address in smartHostSecret';
  if (certificate === 'acm' && settings.certificateArn === undefined)
    return 'certificate is acm: name the exportable certificate in certificateArn';
  if (certificate === 'acme' && hostedZoneId === undefined)
    return 'certificate is acme, which is proved by records in Route 53: name the zone in hostedZoneId';
  if (profile === 'single' && hostedZoneId === undefined)
    return (
      'profile is single: its task has another address after each start, which Posta writes into Route 53. ' +
      'Name the zone in hostedZoneId, or choose compact, whose load balancer has a lasting name'
    );
  return undefined;
}
