/** What a deployed program is told: its environment, checked. The stacks set these names, and no program reads others. */
import { z } from 'zod';

const arn = z.string().regex(/^arn:/, 'must be an ARN');
const url = z.url({ error: 'must be a URL' });
const name = z.string().min(1);

/** A queue, and where its jobs go that failed to the last attempt. */
const queue = z.object({ url, deadLetterUrl: url });

const schema = z.object({
  /** Names the deployment; every name that the console shows begins with it. */
  stage: name,
  /** What the server calls itself: in greetings, Received fields and notifications. */
  hostname: name,
  table: name,
  bucket: name,
  queues: z.object({ route: queue, deliver: queue, deliverAside: queue, relay: queue }),
  /** The topic of "account X changed". */
  wakeTopic: arn,
  /** Who takes mail for other servers. */
  nextHop: z.enum(['ses', 'smart-host', 'mx', 'hold']),
  /** Of `smart-host`: the secret (its ARN, or its name) that holds `smtps://user:password@host`. */
  smartHostSecret: name.optional(),
  /** Of `ses`: what gives us its events. */
  sesConfigurationSet: name.optional(),
  /** The secret that holds `{"certificate": …, "key": …}`, both in PEM. Of containers. */
  certificateSecret: name.optional(),
  /** What the MTA-STS policy says. */
  mtaSts: z.enum(['enforce', 'testing', 'none']),
  retentionDays: z.coerce.number().int().min(0).max(3650),
  /** In bytes. */
  maxMessageSize: z.coerce.number().int().min(65_536),
  /** The folder on a volume that takes what does not fit into memory. */
  scratch: name,
  logLevel: z.enum(['debug', 'info', 'warn', 'error']),
  /** Where the lines of all programs are kept, for the trace of a message. */
  logGroups: z.array(name),
  /** Added to each standard port number: a container's user may not take ports below 1024. */
  portBase: z.coerce.number().int().min(0).max(64_000),
  proxyProtocol: z.enum(['required', 'off']),
});

export type DeploymentSettings = z.output<typeof schema>;

/** Each setting's name in the environment. */
const names = {
  stage: 'POSTA_STAGE',
  hostname: 'POSTA_HOSTNAME',
  table: 'POSTA_TABLE',
  bucket: 'POSTA_BUCKET',
  wakeTopic: 'POSTA_WAKE_TOPIC',
  nextHop: 'POSTA_NEXT_HOP',
  smartHostSecret: 'POSTA_SMART_HOST_SECRET',
  sesConfigurationSet: 'POSTA_SES_CONFIGURATION_SET',
  certificateSecret: 'POSTA_CERTIFICATE_SECRET',
  mtaSts: 'POSTA_MTA_STS',
  retentionDays: 'POSTA_RETENTION_DAYS',
  maxMessageSize: 'POSTA_MAX_MESSAGE_SIZE',
  scratch: 'POSTA_SCRATCH',
  logLevel: 'POSTA_LOG_LEVEL',
  portBase: 'POSTA_PORT_BASE',
  proxyProtocol: 'POSTA_PROXY_PROTOCOL',
} as const;

const queueNames = {
  route: 'POSTA_QUEUE_ROUTE',
  deliver: 'POSTA_QUEUE_DELIVER',
  deliverAside: 'POSTA_QUEUE_DELIVER_ASIDE',
  relay: 'POSTA_QUEUE_RELAY',
} as const;

/** What is taken where the environment says nothing. */
const defaults = {
  POSTA_NEXT_HOP: 'hold',
  POSTA_MTA_STS: 'testing',
  POSTA_RETENTION_DAYS: '30',
  POSTA_MAX_MESSAGE_SIZE: String(40 * 2 ** 20),
  POSTA_SCRATCH: '/tmp',
  POSTA_LOG_LEVEL: 'info',
  POSTA_PORT_BASE: '2000',
  POSTA_PROXY_PROTOCOL: 'off',
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** Throws an error that names each variable that is missing or wrong, and never repeats a value. */
export function readDeploymentSettings(environment: Environment): DeploymentSettings {
  const given: Environment = { ...defaults, ...set(environment) };
  const parsed = schema.safeParse({
    ...Object.fromEntries(Object.entries(names).map(([setting, variable]) => [setting, given[variable]])),
    queues: Object.fromEntries(
      Object.entries(queueNames).map(([queueName, variable]) => [
        queueName,
        { url: given[variable], deadLetterUrl: given[`${variable}_DEAD`] },
      ]),
    ),
    logGroups: (given['POSTA_LOG_GROUPS'] ?? '').split(',').filter((group) => group !== ''),
  });
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${variableOf(path)}: ${message}`);
  throw new Error(`The environment of this program is not as Posta's stacks set it. ${wrong.join('; ')}`);
}

/** A variable that is there but empty is as one that is not. */
function set(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => (value ?? '') !== ''));
}

function variableOf(path: readonly PropertyKey[]): string {
  const [first, second, third] = path.map(String);
  if (first === 'queues')
    return `${queueNames[second as keyof typeof queueNames]}${third === 'deadLetterUrl' ? '_DEAD' : ''}`;
  return first === 'logGroups' ? 'POSTA_LOG_GROUPS' : names[first as keyof typeof names];
}
