"""Python's smtplib and poplib against a running Posta. Arguments: the five ports. Prints `ok` for each step."""

import poplib
import smtplib
import ssl
import sys
import time
from email.message import EmailMessage

smtp, submission, submissions, pop3, pop3s = map(int, sys.argv[1:6])
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE


def message(subject, sender="pepe@example.test", body="Hello.\r\n.dot\r\n"):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "paco@example.test", subject
    mail.set_content(body)
    return mail


def open_maildrop():
    box = poplib.POP3_SSL("localhost", pop3s, context=context, timeout=20)
    box.user("paco@example.test")
    box.pass_("paco-password")
    return box


def wait_for(subject):
    for _ in range(100):
        box = open_maildrop()
        for number in range(1, len(box.list()[1]) + 1):
            lines = box.retr(number)[1]
            if ("Subject: " + subject).encode() in lines:
                box.dele(number)
                box.quit()
                return lines
        box.quit()
        time.sleep(0.1)
    raise SystemExit(f"{subject} never came")


def step(name):
    print("ok", name, flush=True)


with smtplib.SMTP("localhost", smtp, timeout=20) as server:
    server.starttls(context=context)
    server.send_message(message("python 25", sender="someone@elsewhere.test"))
wait_for("python 25")
step("smtplib on 25 with STARTTLS")

for mechanism in ("auth_plain", "auth_login"):
    with smtplib.SMTP("localhost", submission, timeout=20) as server:
        server.starttls(context=context)
        server.ehlo()
        server.user, server.password = "pepe@example.test", "pepe-password"
        server.auth(mechanism[5:].upper(), getattr(server, mechanism))
        server.send_message(message("python 587 " + mechanism))
    wait_for("python 587 " + mechanism)
    step("smtplib on 587, " + mechanism)

with smtplib.SMTP_SSL("localhost", submissions, context=context, timeout=20) as server:
    server.login("pepe@example.test", "pepe-password")
    assert server.vrfy("paco@example.test")[0] == 252
    assert server.noop()[0] == 250
    assert b"AUTH" in server.help() or len(server.help()) > 0
    server.send_message(message("python 465"))
    refused = {}
    try:
        refused = server.sendmail(
            "pepe@example.test",
            ["paco@example.test", "nobody@example.test"],
            message("python two").as_string(),
        )
    except smtplib.SMTPRecipientsRefused as fault:
        raise SystemExit(fault)
    assert list(refused) == ["nobody@example.test"], refused
wait_for("python 465")
wait_for("python two")
step("smtplib on 465: one recipient of two refused, the other served")

with smtplib.SMTP_SSL("localhost", submissions, context=context, timeout=20) as server:
    try:
        server.login("pepe@example.test", "wrong")
        raise SystemExit("a wrong password was accepted")
    except smtplib.SMTPAuthenticationError as fault:
        assert fault.smtp_code == 535, fault
step("smtplib with a wrong password")

with smtplib.SMTP_SSL("localhost", submissions, context=context, timeout=20) as server:
    server.login("pepe@example.test", "pepe-password")
    mail = message("python ünï")
    mail.replace_header("To", "paco@example.test")
    server.send_message(mail, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
step("smtplib with SMTPUTF8")

plain = poplib.POP3("localhost", pop3, timeout=20)
capabilities = plain.capa()
assert "STLS" in capabilities and "UIDL" in capabilities and "TOP" in capabilities, capabilities
plain.stls(context=context)
plain.user("paco@example.test")
plain.pass_("paco-password")
deadline = time.time() + 10
while plain.stat()[0] == 0 and time.time() < deadline:
    plain.quit()
    time.sleep(0.1)
    plain = poplib.POP3_SSL("localhost", pop3s, context=context, timeout=20)
    plain.user("paco@example.test")
    plain.pass_("paco-password")
count, octets = plain.stat()
assert count == 1 and octets > 0
first = plain.uidl(1)
assert len(plain.top(1, 0)[1]) < len(plain.retr(1)[1])
plain.dele(1)
assert plain.stat()[0] == 0
plain.rset()
assert plain.stat()[0] == 1
try:
    second = open_maildrop()
    raise SystemExit("two sessions hold the maildrop")
except poplib.error_proto as fault:
    assert b"[IN-USE]" in fault.args[0], fault
plain.quit()
again = poplib.POP3_SSL("localhost", pop3s, context=context, timeout=20)
assert again.utf8()[:3] == b"+OK"
again.user("paco@example.test")
again.pass_("paco-password")
assert again.uidl(1) == first, (again.uidl(1), first)
again.quit()
step("poplib: STLS, CAPA, TOP, RSET, the lock, a UIDL that stays")
