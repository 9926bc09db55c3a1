/** What an admin sets of a deployment: `posta.config.json`, and `-c name=value` before it. */
import { readFileSync } from 'node:fs';
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
  /** A secret that holds `{"certificate": …, "key": …}` in PEM. Without it the deployment makes an empty one. */
  certificateSecret: arn.optional(),
  /** How long an expunged message can be brought back. */
  retentionDays: z.coerce.number().int().min(0).max(3650).default(30),
  /** In bytes; SES takes 40 MB. */
  maxMessageSize: z.coerce
    .number()
    .int()
    .min(65_536)
    .default(40 * 2 ** 20),
  /** The containers' image from a registry; without it Docker builds it at deploy. */
  image: z.string().min(1).optional(),
});

export type PostaSettings = Omit<z.output<typeof schema>, 'hostname'> & { readonly hostname: string };

/** Each may be given with `-c`. */
export const settingNames = Object.keys(schema.shape);

const fileName = 'posta.config.json';

/** Throws an error for people, that names each setting that is missing or wrong. */
export function readSettings(context: (name: string) => unknown, folder = '.'): PostaSettings {
  const given = Object.fromEntries(
    settingNames.flatMap((name) => {
      const value = context(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const parsed = schema.safeParse({ ...readFile(`${folder}/${fileName}`), ...given });
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(
      `The settings of this deployment are not complete. ${wrong.join('; ')}. ` +
        `Write them into ${fileName}, or give them as -c domain=example.org`,
    );
  }
  const settings = parsed.data;
  if (settings.nextHop === 'smart-host' && settings.smartHostSecret === undefined)
    throw new Error('nextHop is smart-host: name the secret with its address in smartHostSecret');
  return { ...settings, hostname: settings.hostname ?? `mail.${settings.domain}` };
}

function readFile(path: string): object {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return {};
    throw fault;
  }
  try {
    return JSON.parse(text) as object;
  } catch (fault) {
    const why = fault instanceof Error ? fault.message : String(fault);
    throw new Error(`${fileName} is no JSON: ${why}`, { cause: fault });
  }
}
