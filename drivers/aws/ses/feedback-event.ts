/** An event of Amazon SES, as its configuration set tells it by SNS (event publishing, or notifications of an identity). */
import { z } from 'zod';
import { messageTag } from './next-hop.ts';

/** As `mail/delivery/feedback/feedback.ts` has it. */
export interface SesFeedback {
  readonly kind: 'bounced' | 'complained' | 'delayed' | 'delivered';
  readonly messageId?: string;
  readonly nextHopId: string;
  readonly permanent: boolean;
  readonly remote?: string;
  readonly text: string;
  readonly recipients: readonly {
    readonly address: string;
    readonly status?: string;
    readonly diagnostic?: string;
  }[];
}

const recipient = z.object({
  emailAddress: z.string(),
  status: z.string().optional(),
  diagnosticCode: z.string().optional(),
});

const event = z.object({
  eventType: z.string().optional(),
  notificationType: z.string().optional(),
  mail: z.object({
    messageId: z.string(),
    destination: z.array(z.string()).default([]),
    tags: z.record(z.string(), z.array(z.string())).optional(),
  }),
  bounce: z
    .object({
      bounceType: z.string(),
      bounceSubType: z.string().optional(),
      bouncedRecipients: z.array(recipient),
      reportingMTA: z.string().optional(),
    })
    .optional(),
  complaint: z
    .object({ complainedRecipients: z.array(recipient), complaintFeedbackType: z.string().optional() })
    .optional(),
  delivery: z.object({ recipients: z.array(z.string()), reportingMTA: z.string().optional() }).optional(),
  deliveryDelay: z
    .object({ delayedRecipients: z.array(recipient), delayType: z.string().optional() })
    .optional(),
  reject: z.object({ reason: z.string().optional() }).optional(),
  failure: z.object({ errorMessage: z.string().optional() }).optional(),
});

/** By SNS without raw delivery, the event stands as text in an envelope; by EventBridge it is its detail. */
const envelope = z.union([
  z.object({ Message: z.string() }).transform(({ Message }): unknown => JSON.parse(Message)),
  z.object({ detail: z.unknown() }).transform(({ detail }) => detail),
]);

/** Throws for what is no event; undefined for one that says nothing of a delivery (a click, an opening). */
export function parseSesEvent(body: unknown): SesFeedback | undefined {
  const opened = envelope.safeParse(body);
  const parsed = event.parse(opened.success ? opened.data : body);
  const { mail } = parsed;
  const messageId = mail.tags?.[messageTag]?.[0];
  const common = {
    nextHopId: mail.messageId,
    permanent: false,
    ...(messageId === undefined ? {} : { messageId }),
  };
  switch (parsed.eventType ?? parsed.notificationType) {
    case 'Bounce': {
      const {
        bounceType = '',
        bounceSubType = '',
        bouncedRecipients = [],
        reportingMTA,
      } = parsed.bounce ?? {};
      return {
        ...common,
        kind: 'bounced',
        permanent: bounceType === 'Permanent',
        text: `The other server refused it (${[bounceType, bounceSubType].filter(Boolean).join(', ')})`,
        recipients: bouncedRecipients.map(recipientOf),
        ...remoteOf(reportingMTA),
      };
    }
    case 'Complaint': {
      const { complainedRecipients = [], complaintFeedbackType: type } = parsed.complaint ?? {};
      return {
        ...common,
        kind: 'complained',
        text: `The recipient called it junk${type === undefined ? '' : ` (${type})`}`,
        recipients: complainedRecipients.map(recipientOf),
      };
    }
    case 'Delivery': {
      const { recipients = [], reportingMTA } = parsed.delivery ?? {};
      return {
        ...common,
        kind: 'delivered',
        text: 'The other server has it',
        recipients: recipients.map((address) => ({ address })),
        ...remoteOf(reportingMTA),
      };
    }
    case 'DeliveryDelay': {
      const { delayedRecipients = [], delayType = '' } = parsed.deliveryDelay ?? {};
      return {
        ...common,
        kind: 'delayed',
        text: `Amazon SES tries again (${delayType})`,
        recipients: delayedRecipients.map(recipientOf),
      };
    }
    case 'Reject':
      return {
        ...common,
        kind: 'bounced',
        ...all(mail, `Amazon SES refused it: ${parsed.reject?.reason ?? ''}`),
      };
    case 'Rendering Failure':
      return {
        ...common,
        kind: 'bounced',
        ...all(mail, `Amazon SES could not make it: ${parsed.failure?.errorMessage ?? ''}`),
      };
    case undefined:
    default:
      return undefined;
  }
}

function all(mail: { readonly destination: readonly string[] }, text: string) {
  return { text, recipients: mail.destination.map((address) => ({ address, status: '5.6.0' })) };
}

function recipientOf({ emailAddress, status, diagnosticCode }: z.output<typeof recipient>) {
  // `smtp; 550 5.1.1 user unknown`: the words behind the kind of server are its reply.
  const diagnostic = diagnosticCode?.replace(/^smtp;\s*/i, '');
  return {
    address: emailAddress,
    ...(status === undefined || status === '' ? {} : { status }),
    ...(diagnostic === undefined ? {} : { diagnostic }),
  };
}

/** `dsn; a8-70.smtp-out.amazonses.com`. */
function remoteOf(reportingMta: string | undefined) {
  const remote = reportingMta?.replace(/^(?:dsn|dns);\s*/i, '');
  return remote === undefined ? {} : { remote };
}
