/**
 * 8BITMIME (RFC 6152). A message declared 7BIT is not searched for octets above 127: they are stored as they come, and
 * what hands the message on looks for itself.
 */
import { refuse, set, type Extension } from '../extension.ts';
import { replies } from '../reply.ts';

export const eightBitMimeExtension: Extension = {
  name: '8BITMIME',
  rfcs: ['RFC 6152'],
  keyword: () => '8BITMIME',
  mailParameters: {
    BODY(value) {
      const body = value?.toUpperCase();
      if (body === '7BIT' || body === '8BITMIME') return set({ body });
      if (body === 'BINARYMIME') return refuse(replies.binaryMimeNotOffered);
      return refuse(replies.badArguments('BODY is 7BIT or 8BITMIME'));
    },
  },
};
