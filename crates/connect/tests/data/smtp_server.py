"""A real SMTP server with one bad habit, for tests.

usage: smtp_server.py SCENARIO FOLDER [CERTIFICATE KEY]

It listens on a free port of 127.0.0.1 and prints `PORT <n>`. Each message it takes is written to
FOLDER as <n>.eml (the very bytes) and <n>.json (envelope and what a mail program reads in it).
Each connection adds a line to FOLDER/connections. It ends when its standard input closes.
"""

import asyncio
import email
import email.policy
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

scenario, folder = sys.argv[1], sys.argv[2]
tls_files = sys.argv[3:5]
taken = 0


class Habit:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later"):
            return "451 4.7.1 greylisted, come back"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_MAIL(self, server, session, envelope, address, options):
        if scenario == "refuse-sender":
            return "553 5.7.1 sender not allowed"
        envelope.mail_from = address
        return "250 2.1.0 fine"

    async def handle_DATA(self, server, session, envelope):
        if scenario == "hang-after-dot":
            keep(envelope)
            await asyncio.sleep(3600)
        if scenario == "drop-after-dot":
            keep(envelope)
            server.transport.abort()
            await asyncio.sleep(3600)
        if scenario == "late-answer":
            await asyncio.sleep(1)
        if scenario == "refuse-message":
            return "554 5.7.1 looks like spam"
        if scenario == "message-later":
            return "452 4.3.1 disk full"
        keep(envelope)
        return f"250 2.0.0 queued as {taken}"


class Server(SMTP):
    async def smtp_DATA(self, arg):
        if scenario == "refuse-data":
            await self.push("451 4.3.0 not now")
            return
        if scenario == "hang-on-data":
            await asyncio.sleep(3600)
        if scenario == "drop-in-body":
            await self.push("354 go on")
            await self._reader.read(200)
            self.transport.abort()
            await asyncio.sleep(3600)
        await super().smtp_DATA(arg)

    async def smtp_MAIL(self, arg):
        if scenario == "hang-on-mail":
            await asyncio.sleep(3600)
        if scenario == "bye-on-second-mail" and taken == 1 and self.session.taken_before:
            await self.push("421 4.4.2 idle too long, bye")
            self.transport.close()
            return
        if scenario == "hang-on-second-mail" and taken == 1 and self.session.taken_before:
            await asyncio.sleep(3600)
        await super().smtp_MAIL(arg)

    def connection_made(self, transport):
        super().connection_made(transport)
        if not getattr(self, "_counted", False):
            self._counted = True
            with open(os.path.join(folder, "connections"), "a") as file:
                file.write("+")

    def _create_session(self):
        session = super()._create_session()
        session.taken_before = taken == 0
        return session


def keep(envelope):
    global taken
    taken += 1
    raw = envelope.original_content
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = {part.get_content_type(): part.get_content() for part in message.iter_parts()}
    seen = {
        "from": envelope.mail_from,
        "recipients": envelope.rcpt_tos,
        "headers": [[name, str(value)] for name, value in message.items()],
        "parts": parts,
        "defects": [str(defect) for defect in message.defects],
    }
    path = os.path.join(folder, str(taken))
    with open(path + ".eml", "wb") as file:
        file.write(raw)
    with open(path + ".json.part", "w") as file:
        json.dump(seen, file)
    os.rename(path + ".json.part", path + ".json")


def check_login(server, session, envelope, mechanism, data):
    known = data.login == b"cuentas" and data.password == "clave con ñ".encode()
    if known:
        with open(os.path.join(folder, "mechanism"), "w") as file:
            file.write(mechanism)
        return AuthResult(success=True)
    return AuthResult(success=False, handled=False)


async def main():
    options = {"ident": "test", "hostname": "mail.test"}
    tls = None
    if tls_files:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*tls_files)
    if tls and scenario != "tls-from-start":
        options.update(tls_context=tls, require_starttls=True)
    if scenario.startswith("login"):
        options.update(authenticator=check_login, auth_required=True)
        options.update(auth_require_tls=bool(tls))
        if scenario == "login-only-login":
            options.update(auth_exclude_mechanism=["PLAIN"])
    if scenario == "drop-idle":
        options.update(timeout=0.5)
    loop = asyncio.get_running_loop()
    wrapped = tls if scenario == "tls-from-start" else None
    listener = await loop.create_server(
        lambda: Server(Habit(), **options), "127.0.0.1", 0, ssl=wrapped
    )
    print("PORT", listener.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
