"""Greets on all three platforms. Set GATEWAY_URL and GATEWAY_TOKEN; the ids are those of the sandbox."""

import os
import sys

from action_gateway import ActionGateway, Succeeded, Unknown

greeting = sys.argv[1] if len(sys.argv) > 1 else "Hello!"
url = os.environ.get("GATEWAY_URL", "http://localhost:8070")

with ActionGateway(url, os.environ["GATEWAY_TOKEN"]) as gateway:
    twitch = gateway.twitch.chat_message(account="1001", message=greeting)
    youtube = gateway.youtube.send_live_chat_message(account="UCsandboxDemoChannel0001", message=greeting)
    discord = gateway.discord.send_message(channel_id="700000000000000001", content=greeting)

for platform, outcome in [("twitch", twitch), ("youtube", youtube), ("discord", discord)]:
    if isinstance(outcome, Succeeded):
        print(f"{platform}: said {greeting}")
    elif isinstance(outcome, Unknown):
        print(f"{platform}: look there; {outcome.error}")
    else:
        print(f"{platform}: {outcome.status}")
