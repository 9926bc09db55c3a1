/** SIZE (RFC 1870): the server's limit in EHLO, the client's estimate in MAIL. */
import { refuse, set, type Extension } from '../extension.ts';
import { replies } from '../reply.ts';

export const sizeExtension: Extension = {
  name: 'SIZE',
  rfcs: ['RFC 1870'],
  keyword: (session) => `SIZE ${session.limits.messageBytes}`,
  mailParameters: {
    SIZE(value, session) {
      if (value === undefined || !/^[0-9]{1,20}$/.test(value))
        return refuse(replies.badArguments('SIZE takes a number of octets'));
      const declaredBytes = Number(value);
      if (declaredBytes > session.limits.messageBytes)
        return refuse(replies.tooLarge(session.limits.messageBytes));
      return set({ declaredBytes });
    },
  },
};
