/** SENTBEFORE, SENTON and SENTSINCE: the day of the Date field as its sender wrote it. Without one, none matches. */
import { dayKeys } from './day-keys.ts';

export const sentDateKeys = dayKeys('SENT', (isAsked) => ({
  stage: 'index',
  asksEnvelope: true,
  matches(message) {
    const day = message.sentDay();
    return day === undefined ? undefined : day !== null && isAsked(day);
  },
}));
