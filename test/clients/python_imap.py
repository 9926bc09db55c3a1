"""Python's imaplib against a running Posta. Arguments: the ports of IMAP and IMAPS. Prints `ok` for each step."""

import imaplib
import re
import ssl
import sys
import time

imap_port, imaps_port = map(int, sys.argv[1:3])
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
user, password = "paco@example.test", "paco-password"


def step(name):
    print("ok", name, flush=True)


def ok(answer):
    kind, data = answer
    assert kind == "OK", answer
    return data


def open_tls():
    box = imaplib.IMAP4_SSL("localhost", imaps_port, ssl_context=context, timeout=20)
    ok(box.login(user, password))
    return box


def letter(number):
    return (
        f"From: Pepe <pepe@example.test>\r\nTo: {user}\r\nSubject: letter {number}\r\n"
        f"Date: Tue, {number:02} Nov 2026 10:00:00 +0000\r\n\r\nThis is letter {number}.\r\n.dot\r\n"
    ).encode()


def subjects(box):
    """The subjects of the open folder, and the flags, in its order."""
    numbers = ok(box.search(None, "ALL"))[0].split()
    if not numbers:
        return []
    data = ok(box.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])"))
    found = []
    for part in data:
        if isinstance(part, tuple):
            found.append(part[1].strip().removeprefix(b"Subject: ").decode())
    return found


# Logging in, in every way.
box = imaplib.IMAP4("localhost", imap_port, timeout=20)
assert "STARTTLS" in box.capabilities and box.welcome.startswith(b"* OK"), box.capabilities
ok(box.starttls(ssl_context=context))
assert "STARTTLS" not in box.capabilities, box.capabilities
ok(box.login(user, password))
box.logout()
step("STARTTLS and LOGIN")

box = imaplib.IMAP4_SSL("localhost", imaps_port, ssl_context=context, timeout=20)
ok(box.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode()))
box.logout()
box = imaplib.IMAP4_SSL("localhost", imaps_port, ssl_context=context, timeout=20)
lines = [user.encode(), password.encode()]
ok(box.authenticate("LOGIN", lambda _: lines.pop(0)))
box.logout()
step("AUTHENTICATE PLAIN and LOGIN")

box = imaplib.IMAP4_SSL("localhost", imaps_port, ssl_context=context, timeout=20)
try:
    box.login(user, "wrong")
    raise SystemExit("a wrong password was accepted")
except imaplib.IMAP4.error as fault:
    assert "AUTHENTICATIONFAILED" in str(fault), fault
try:
    box.select()
    raise SystemExit("SELECT before login was accepted")
except imaplib.IMAP4.error:
    box.logout()
step("a wrong password, and a command too early")

# Folders.
box = open_tls()
for name in ("Work", "Work/2026", '"My Letters"', '"&AOQ-rger"'):
    ok(box.create(name))
assert box.create("Work")[0] == "NO"
listed = b"\n".join(ok(box.list()))
for name in (b"INBOX", b"Work", b"Work/2026", b"My Letters", b"&AOQ-rger"):
    assert re.search(rb'\(.*\) "/" "?' + name + rb'"?(\n|$)', listed), (name, listed)
assert b"\\HasChildren" in next(line for line in listed.split(b"\n") if line.rstrip(b'"').endswith(b"Work"))
assert len(ok(box.list('""', "Work/%"))) == 1
ok(box.subscribe("Work/2026"))
assert b"Work/2026" in b"\n".join(ok(box.lsub()))
ok(box.unsubscribe("Work/2026"))
ok(box.rename('"My Letters"', "Letters"))
ok(box.delete("Work/2026"))
assert box.delete("Nowhere")[0] == "NO"
assert box.select("Nowhere")[0] == "NO"
step("CREATE, LIST, SUBSCRIBE, LSUB, UNSUBSCRIBE, RENAME, DELETE")

# Messages.
noon = time.mktime((2026, 11, 3, 12, 0, 0, 0, 0, -1))
day = imaplib.Time2Internaldate(noon)
for number in range(1, 7):
    data = ok(box.append("INBOX", "(\\Seen)" if number == 1 else None, day, letter(number)))
    assert b"APPENDUID" in data[0], data
assert box.append("Nowhere", None, None, letter(1))[0] == "NO"
assert ok(box.select("INBOX"))[0] == b"6"
assert box.response("UIDVALIDITY")[1][0].isdigit()
status = ok(box.status("INBOX", "(MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)"))[0]
assert b"MESSAGES 6" in status and b"UNSEEN 5" in status and b"UIDNEXT 7" in status, status
step("APPEND, SELECT, STATUS")

whole = ok(box.fetch("2", "(RFC822)"))
assert whole[0][1] == letter(2), whole
assert b"\\Seen" in ok(box.fetch("2", "(FLAGS)"))[0]
piece = ok(box.fetch("3", "(BODY.PEEK[]<6.4>)"))
assert piece[0][1] == letter(3)[6:10], piece
assert b"\\Seen" not in ok(box.fetch("3", "(FLAGS)"))[0]
assert ok(box.fetch("3", "(BODY.PEEK[TEXT])"))[0][1] == b"This is letter 3.\r\n.dot\r\n"
envelope = ok(box.fetch("3", "(ENVELOPE)"))[0]
assert b'"letter 3"' in envelope and b'(("Pepe" NIL "pepe" "example.test"))' in envelope, envelope
assert b'"TEXT" "PLAIN"' in ok(box.fetch("3", "(BODYSTRUCTURE)"))[0].upper()
assert time.mktime(imaplib.Internaldate2tuple(ok(box.fetch("1", "(INTERNALDATE)"))[0])) == noon
assert len(ok(box.fetch("1:*", "ALL"))) == 6 and len(ok(box.fetch("2:4", "FULL"))) == 3
assert b"RFC822.SIZE %d" % len(letter(4)) in ok(box.fetch("4", "FAST"))[0]
assert b"UID 5" in ok(box.uid("FETCH", "5", "(FLAGS)"))[0]
step("FETCH and UID FETCH")

assert ok(box.search(None, "UNSEEN"))[0] == b"3 4 5 6"
assert ok(box.search(None, "SUBJECT", '"letter 4"'))[0] == b"4"
assert ok(box.search(None, "OR", "SEEN", "BODY", '"letter 5"'))[0] == b"1 2 5"
assert ok(box.search(None, "SENTSINCE", "04-Nov-2026", "NOT", "TEXT", '"letter 6"'))[0] == b"4 5"
assert ok(box.uid("SEARCH", "ON", "3-Nov-2026"))[0] == b"1 2 3 4 5 6"
box.literal = "letter 6".encode()
assert ok(box.uid("SEARCH", "CHARSET", "UTF-8", "SUBJECT"))[0] == b"6"
box.literal = "café".encode()
assert ok(box.uid("SEARCH", "CHARSET", "UTF-8", "TEXT"))[0] == b""
kind, data = box.search("KLINGON", "ALL")
assert kind == "NO" and b"BADCHARSET" in data[0], (kind, data)
step("SEARCH and UID SEARCH")

assert b"\\Flagged" in ok(box.store("1:2", "+FLAGS", "(\\Flagged work)"))[0]
assert ok(box.search(None, "KEYWORD", "work"))[0] == b"1 2"
ok(box.uid("STORE", "1", "-FLAGS.SILENT", "(work)"))
ok(box.store("6", "FLAGS", "(\\Answered)"))
assert ok(box.search(None, "ANSWERED"))[0] == b"6"
assert b"COPYUID" in ok(box.copy("1,2", "Work"))[0]
assert box.copy("1", "Nowhere")[0] == "NO"
ok(box.uid("COPY", "3", "Letters"))
ok(box.uid("MOVE", "4", "Letters"))
ok(box._simple_command("MOVE", "4", "Letters"))
assert len(ok(box.search(None, "ALL"))[0].split()) == 4
step("STORE, COPY, MOVE, by numbers and uids")

# Another session sees it, and is told of what changes.
other = open_tls()
ok(other.select("INBOX"))
ok(box.store("1", "+FLAGS.SILENT", "(\\Deleted)"))
assert ok(box.expunge())[-1] == b"1"  # those of MOVE are before it
ok(other.noop())
assert other.response("EXPUNGE") == ("EXPUNGE", [b"1"])
ok(box.append("INBOX", None, None, letter(7)))
ok(other.noop())
assert other.response("EXISTS")[1][-1] == b"4"
assert subjects(other) == ["letter 2", "letter 3", "letter 6", "letter 7"]
other.logout()
step("EXPUNGE and NOOP")

ok(box.check())
ok(box.select("Work", readonly=True))
try:
    refused = box.store("1", "+FLAGS", "(\\Seen)")[0] != "OK"
except imaplib.IMAP4.error:
    refused = True
assert refused, "EXAMINE let a flag be stored"
ok(box.select("Letters"))
ok(box.store("1", "+FLAGS", "(\\Deleted)"))
ok(box.unselect())
assert ok(box.select("Letters"))[0] == b"3"
ok(box.close())
assert ok(box.select("Letters"))[0] == b"2"
assert subjects(box) == ["letter 4", "letter 5"]
step("CHECK, EXAMINE, UNSELECT, CLOSE")

assert b"Posta" in ok(box.xatom("ID", '("name" "imaplib")'))[0] or b"Posta" in box.response("ID")[1][0]
ok(box.unselect())
ok(box.enable("CONDSTORE"))
assert b'("" "/")' in ok(box.namespace())[0]
try:
    box._simple_command("NOOP", "argument")
    raise SystemExit("NOOP with an argument was accepted")
except imaplib.IMAP4.error as fault:
    assert "BAD" in str(fault), fault
ok(box.noop())
box.logout()
step("ID, ENABLE, NAMESPACE, a bad command, LOGOUT")
