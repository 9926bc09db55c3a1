/** Messages of about 50 KB as they come in every day, with the header fields that the way puts before them. */
import { randomBytes } from 'node:crypto';

/** CRLF lines, a body of `bodyBytes` in base64. */
function base64Lines(bodyBytes: number): string {
  return randomBytes(bodyBytes).toString('base64').replaceAll(/.{76}/g, '$&\r\n');
}

const letters = (length: number) => randomBytes(length).toString('base64url').slice(0, length);

/** What servers on the way have added: trace, signatures and their results. */
function traceFields(domain: string): readonly string[] {
  return [
    `Received: from mail-${letters(6)}.${domain} (mail-${letters(6)}.${domain} [203.0.113.7])\r\n\tby mx.example.test with ESMTPS id ${letters(20)}\r\n\tfor <paco@example.test>; Thu, 26 Nov 2026 10:00:00 +0000`,
    `Authentication-Results: mx.example.test;\r\n\tdkim=pass header.d=${domain} header.s=s1 header.b=${letters(8)};\r\n\tspf=pass smtp.mailfrom=bounce@${domain};\r\n\tdmarc=pass header.from=${domain}`,
    `Received: by 2002:a17:906:${letters(4)} with SMTP id ${letters(16)};\r\n\tThu, 26 Nov 2026 09:59:58 -0800 (PST)`,
    `ARC-Seal: i=1; a=rsa-sha256; t=1795690000; cv=none; d=${domain}; s=arc;\r\n\tb=${letters(340)}`,
    `ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=${domain}; s=arc;\r\n\th=to:subject:message-id:date:from; bh=${letters(43)}=;\r\n\tb=${letters(340)}`,
    `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=${domain}; s=s1; t=1795690000;\r\n\th=to:subject:message-id:date:from:mime-version; bh=${letters(43)}=;\r\n\tb=${letters(340)}`,
    `X-Google-DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n\tb=${letters(340)}`,
    `X-Gm-Message-State: ${letters(110)}`,
    `X-Google-Smtp-Source: ${letters(90)}`,
    `X-Received: by 2002:a17:${letters(12)} with SMTP id ${letters(30)};\r\n\tThu, 26 Nov 2026 09:59:58 -0800 (PST)`,
    `Return-Path: <bounce@${domain}>`,
  ];
}

function written(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join('\r\n') + '\r\n');
}

/** An answer in a thread, text and HTML, with a document. */
function answerWithDocument(number: number): Buffer {
  const [mixed, alternative] = [letters(28), letters(28)];
  const references = Array.from({ length: 5 }, () => `<CA+${letters(40)}@mail.gmail.com>`);
  return written([
    ...traceFields('gmail.com'),
    'MIME-Version: 1.0',
    `References: ${references.join('\r\n ')}`,
    `In-Reply-To: ${references.at(-1)}`,
    'From: =?UTF-8?Q?Jos=C3=A9_Garc=C3=ADa_L=C3=B3pez?= <jose.garcia.lopez@gmail.com>',
    'Date: Thu, 26 Nov 2026 09:59:58 -0800',
    `Message-ID: <CA+${letters(40)}@mail.gmail.com>`,
    `Subject: Re: [Project] Offer no. ${number} for the second half of the year, revised`,
    'To: Paco <paco@example.test>, Ana Maria Fernandez <ana.fernandez@example.org>',
    'Cc: The whole team <team@example.org>, "Miller, Henry" <h.miller@example.net>',
    `Content-Type: multipart/mixed; boundary="${mixed}"`,
    '',
    `--${mixed}`,
    `Content-Type: multipart/alternative; boundary="${alternative}"`,
    '',
    `--${alternative}`,
    'Content-Type: text/plain; charset="UTF-8"',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'Hello Paco,\r\n\r\nhere is the offer with the changes that we talked about on Tuesday. '.repeat(12),
    `--${alternative}`,
    'Content-Type: text/html; charset="UTF-8"',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    '<div dir=3D"ltr"><p>Hello Paco,</p><p>here is the offer with the changes.</p></div>'.repeat(20),
    `--${alternative}--`,
    `--${mixed}`,
    'Content-Type: application/pdf; name="Offer 2026-11-26 revised.pdf"',
    'Content-Disposition: attachment; filename="Offer 2026-11-26 revised.pdf"',
    'Content-Transfer-Encoding: base64',
    `Content-ID: <f_${letters(8)}>`,
    `X-Attachment-Id: f_${letters(8)}`,
    '',
    base64Lines(30_000),
    `--${mixed}--`,
  ]);
}

/** A newsletter: long fields that a machine wrote. */
function newsletter(number: number): Buffer {
  const boundary = `_----------=_MCPart_${letters(10)}`;
  return written([
    ...traceFields('mail.shop.example'),
    `From: "The Shop, News and Offers" <news@mail.shop.example>`,
    `Reply-To: <us-${letters(40)}@inbound.shop.example>`,
    'To: <paco@example.test>',
    `Date: Thu, 26 Nov 2026 10:00:00 +0000`,
    `Message-ID: <${letters(40)}.${letters(10)}.20261126095912.${letters(10)}@mail.shop.example>`,
    `Subject: =?utf-8?Q?=F0=9F=8E=81_Only_today=3A_everything_for_the_winter=2C_no=2E_${number}?=`,
    `List-ID: ${letters(20)} <${letters(20)}.list-id.shop.example>`,
    `List-Unsubscribe: <https://shop.example/unsubscribe?u=${letters(40)}&id=${letters(20)}&e=${letters(20)}>,\r\n <mailto:unsubscribe-${letters(60)}@unsubscribe.shop.example?subject=unsubscribe>`,
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    `Feedback-ID: ${letters(12)}:${letters(12)}.${letters(10)}:us${letters(3)}:mc`,
    `X-Campaign: mailchimp${letters(30)}`,
    `X-campaignid: mailchimp${letters(30)}`,
    'X-Report-Abuse: Please report abuse for this campaign here: https://shop.example/abuse',
    `X-MC-User: ${letters(25)}`,
    'X-Accounttype: pd',
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset="utf-8"; format="fixed"',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'Everything for the winter, at half the price until midnight. '.repeat(60),
    `--${boundary}`,
    'Content-Type: text/html; charset="utf-8"',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    '<table><tr><td style=3D"padding:0">Everything for the winter</td></tr></table>\r\n'.repeat(550),
    `--${boundary}--`,
  ]);
}

/** By its number one or the other: all are about 50 KB. */
export function typicalMessage(number: number): Buffer {
  return number % 2 === 0 ? answerWithDocument(number) : newsletter(number);
}
