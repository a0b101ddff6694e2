"""A client as the earlier services' callers write it: from their proto files, with the router's options."""

import json
import os
import sys

import grpc

# Proto files are looked for where modules are.
sys.path.insert(0, os.getcwd())
asked = json.load(sys.stdin)
OPTIONS = [
    ("grpc.keepalive_time_ms", 30000),
    ("grpc.keepalive_timeout_ms", 10000),
    ("grpc.keepalive_permit_without_calls", True),
    ("grpc.http2.max_pings_without_data", 0),
]
channel = grpc.insecure_channel(asked["address"], options=OPTIONS)
bearer = [("authorization", "Bearer " + asked["token"])]
discord_pb, discord_grpc = grpc.protos_and_services("discord_action.proto")
twitch_pb, twitch_grpc = grpc.protos_and_services("twitch_action.proto")
youtube_pb, youtube_grpc = grpc.protos_and_services("youtube_action.proto")
discord = discord_grpc.DiscordActionStub(channel)
twitch = twitch_grpc.TwitchActionServiceStub(channel)
youtube = youtube_grpc.YouTubeActionStub(channel)

embed = discord_pb.EmbedData(title="News", color="#FF5733")
message = dict(channel_id=asked["discord_channel"], content="hello from Python", embed=embed)
sent = discord.SendMessage(discord_pb.SendMessageRequest(**message, token=asked["token"]), timeout=20)
wrong = discord.SendMessage(discord_pb.SendMessageRequest(**message, token="abc"), timeout=20)
chat = twitch.ExecuteAction(
    twitch_pb.ActionRequest(
        action_type="chat_message", broadcaster_id="1001", parameters={"message": "hello from Python"}
    ),
    metadata=bearer,
    timeout=20,
)
live = youtube.SendLiveChatMessage(
    youtube_pb.SendMessageRequest(
        live_chat_id=asked["live_chat_id"], message="hello from Python", channel_id=asked["channel_id"]
    ),
    metadata=bearer,
    timeout=20,
)

# Every RPC with an empty request: a no, and never a status that is not OK.
rpcs, not_ok = 0, []
for pb, stub in ((discord_pb, discord), (twitch_pb, twitch), (youtube_pb, youtube)):
    for service in pb.DESCRIPTOR.services_by_name.values():
        for method in service.methods:
            request = getattr(pb, method.input_type.name)()
            rpcs += 1
            try:
                getattr(stub, method.name)(request, metadata=bearer, timeout=20)
            except grpc.RpcError as error:
                not_ok.append([method.name, error.details()])

json.dump(
    {
        "discord": {"success": sent.success, "error": sent.error},
        "discord_wrong": {"success": wrong.success, "error": wrong.error},
        "twitch": {"success": chat.success, "sent": chat.result_data["message_sent"]},
        "youtube": {"success": live.success, "message": live.message},
        "rpcs": rpcs,
        "not_ok": not_ok,
    },
    sys.stdout,
)
