"""Google's own library for Python, used against the simulated YouTube. Reads a question, and prints what it met."""

import hashlib
import json
import os
import sys

import googleapiclient.discovery_cache
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaInMemoryUpload

asked = json.load(sys.stdin)
documents = os.path.join(os.path.dirname(googleapiclient.discovery_cache.__file__), "documents")
with open(os.path.join(documents, "youtube.v3.json"), encoding="utf8") as file:
    document = json.load(file)
# The library takes its addresses, of uploads as well, from here.
for name in ("rootUrl", "baseUrl", "mtlsRootUrl"):
    document[name] = asked["url"] + "/"
youtube = build_from_document(document, credentials=Credentials(asked["token"]))
met = {}


def media(content, kind, resumable=False):
    return MediaInMemoryUpload(content, mimetype=kind, chunksize=256 * 1024, resumable=resumable)


def send_pieces(request):
    """Sends a file piece by piece, and counts the pieces that are answered with how far it is."""
    pieces, made = 0, None
    while made is None:
        progress, made = request.next_chunk()
        pieces += 1 if progress else 0
    return pieces, made


mine = youtube.channels().list(part="snippet", mine=True).execute()
met["channel"] = mine["items"][0]["id"]

pages, request = [], youtube.playlists().list(part="id", mine=True, maxResults=4)
for title in ("one", "two"):
    body = {"snippet": {"title": title}, "status": {"privacyStatus": "private"}}
    youtube.playlists().insert(part="snippet,status", body=body).execute()
while request is not None:
    page = request.execute()
    pages.append(len(page["items"]))
    request = youtube.playlists().list_next(request, page)
met["pages"] = pages

body = {"snippet": {"liveChatId": asked["chat"], "type": "textMessageEvent"}}
body["snippet"]["textMessageDetails"] = {"messageText": "hello from Python"}
met["message"] = youtube.liveChatMessages().insert(part="snippet", body=body).execute()["kind"]

# What a file may hold: ends of lines, what looks like a mark, and an end that looks like one of a line.
tricky = b"\x89PNG\r\n\r\n--===============1==\r\nnone\n\n--==\r\n\r"
snippet = {"snippet": {"title": "From Python", "categoryId": "22"}, "status": {"privacyStatus": "private"}}
video = youtube.videos().insert(part="snippet,status", body=snippet, media_body=media(tricky, "video/mp4")).execute()
met["video"] = video["snippet"]["title"]

long = os.urandom(600_000)
request = youtube.videos().insert(
    part="snippet,status", body=snippet, media_body=media(long, "video/mp4", resumable=True)
)
pieces, resumed = send_pieces(request)
met["pieces"] = pieces

thumbnails = youtube.thumbnails()
small = thumbnails.set(videoId=video["id"], media_body=media(tricky, "image/png")).execute()
met["thumbnail"] = small["kind"]
request = thumbnails.set(videoId=resumed["id"], media_body=media(tricky, "image/png", resumable=True))
met["thumbnail_pieces"] = send_pieces(request)[0]

track = {"snippet": {"videoId": video["id"], "language": "en", "name": "Python"}}
caption = youtube.captions().insert(part="snippet", body=track, media_body=media(b"WEBVTT\n\n", "text/vtt")).execute()
met["caption"] = caption["snippet"]["name"]
timing = {"timing": {"type": "offsetFromStart", "offsetMs": "1000", "durationMs": "2000"}}
youtube.watermarks().set(channelId=met["channel"], body=timing, media_body=media(tricky, "image/png")).execute()
met["rated"] = youtube.videos().rate(id=video["id"], rating="like").execute()
youtube.videos().delete(id=video["id"]).execute()

try:
    youtube.videos().update(part="snippet", body={"id": "none", "snippet": snippet["snippet"]}).execute()
except HttpError as error:
    met["error"] = [error.status_code, error.error_details[0]["reason"]]
try:
    youtube.thumbnails().set(videoId=resumed["id"], media_body=media(b"x", "text/html")).execute()
except HttpError as error:
    met["refused"] = [error.status_code, error.error_details[0]["reason"]]

met["ids"] = {"resumed": resumed["id"]}
met["hashes"] = {"tricky": hashlib.sha256(tricky).hexdigest(), "long": hashlib.sha256(long).hexdigest()}
json.dump(met, sys.stdout)
