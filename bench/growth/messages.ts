/** Messages of about 1 KB as they come in: no two alike, and the same on every run. */
import { seeded } from './seeded.ts';

const names =
  'Ana López|José Pérez|Marta Gil|Tom Baker|Li Wei|Aisha Khan|Søren Holm|Grace Hopper|Ivan Petrov|Noor Haddad'.split(
    '|',
  );
const subjects =
  'Minutes of the meeting|Invoice|Your order|Lunch on Friday?|Build failed|Welcome aboard|Travel plans|Contract draft|Photos|Reminder'.split(
    '|',
  );
const words =
  'the of and to in we you this week please find attached report project next meeting thanks regards about budget team when would could tomorrow question answer draft version numbers plan office call'.split(
    ' ',
  );
const bodyBytes = 420;
const firstSentMs = Date.parse('2026-01-05T08:00:00Z');

export interface MadeMessage {
  readonly bytes: Buffer;
  readonly receivedAt: Date;
}

/** The message of that number for an address. */
export function makeMessage(number: number, to: string): MadeMessage {
  const pick = seeded(number);
  const from = pick(names.length);
  const sender = `user${pick(5000)}@${['example.com', 'example.net', 'example.org'][pick(3)]}`;
  const receivedAt = new Date(firstSentMs + number * 1000);
  const date = receivedAt.toUTCString().replace('GMT', '+0000');
  const subject = `${pick(3) === 0 ? 'Re: ' : ''}${subjects[pick(subjects.length)]} ${number}`;
  const id = `${number}.${pick(2 ** 32).toString(36)}@${sender.split('@')[1]}`;
  const head = [
    `Return-Path: <${sender}>`,
    `Received: from mail.example.com (mail.example.com [192.0.2.${pick(250)}]) by mx.example.test with ESMTPS`,
    `\tid ${pick(2 ** 32).toString(36)}; ${date}`,
    `From: ${encoded(names[from] ?? '')} <${sender}>`,
    `To: <${to}>`,
    `Subject: ${subject}`,
    `Date: ${date}`,
    `Message-ID: <${id}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
  ];
  const bytes = Buffer.from([...head, '', body(pick), ''].join('\r\n'));
  return { bytes, receivedAt };
}

/** An encoded word (RFC 2047) where it is not plain ASCII. */
function encoded(name: string): string {
  return /^[\x20-\x7e]*$/.test(name) ? `"${name}"` : `=?utf-8?B?${Buffer.from(name).toString('base64')}?=`;
}

function body(pick: (below: number) => number): string {
  const lines: string[] = [];
  let line = '';
  for (let bytes = 0; bytes < bodyBytes; bytes += line.length + 2) {
    line = Array.from({ length: 10 }, () => words[pick(words.length)]).join(' ');
    lines.push(line);
  }
  return lines.join('\r\n');
}
