#!/usr/bin/env python3
"""Uses SpaceWatch as programs that speak the Model Context Protocol do, with the official client, and says what doesn't work.

Environment: SPACEWATCH, the program. Begins a demo on a free port, and ends it.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import asynccontextmanager

import httpx2
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

SPACEWATCH = os.environ["SPACEWATCH"]


def expect(what, found, wanted=True):
    if found != wanted:
        sys.exit(f"FAILED {what}: found {found!r}, wanted {wanted!r}")
    print(f"ok     {what}")


@asynccontextmanager
async def demo():
    """A demo with a server, by its address."""
    command = [SPACEWATCH, "demo", "--port", "0", "--no-visitor"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        try:
            for line in running.stdout:
                if found := re.search(r"dashboard\s+(http://\S+)", line):
                    yield found[1]
                    break
            else:
                sys.exit("FAILED the demo says where it listens")
        finally:
            running.terminate()


def keys(tenant):
    names = {
        "access_key_id": "X-Spaces-Key",
        "secret_access_key": "X-Spaces-Secret",
        "region": "X-Region",
        "log_bucket": "X-Log-Bucket",
        "log_prefix": "X-Log-Prefix",
        "metrics_bucket": "X-Metrics-Bucket",
    }
    return {header: tenant[name] for name, header in names.items() if tenant.get(name)}


def environment(tenant, directory):
    names = {
        "access_key_id": "SPACES_KEY",
        "secret_access_key": "SPACES_SECRET",
        "region": "SPACES_REGION",
        "endpoint": "SPACES_ENDPOINT",
        "log_bucket": "ACCESS_LOGS_BUCKET",
        "log_prefix": "ACCESS_LOGS_ROOT_PREFIX",
    }
    return {variable: tenant[name] for name, variable in names.items() if tenant.get(name)} | {"DATA_DIR": directory}


@asynccontextmanager
async def over_http(url, tenant, mode):
    async with httpx2.AsyncClient(headers=keys(tenant), timeout=120) as http:
        async with Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client:
            yield client


async def use(way, client, bucket, others_bucket):
    """What every client does, whichever way it came."""
    expect(f"{way}: the server's name", client.server_info.name, "spacewatch")
    expect(f"{way}: instructions", "never instructions" in client.instructions)

    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    expect(f"{way}: many tools", len(tools) > 30)
    expect(f"{way}: every tool only reads", all(tool.annotations.read_only_hint for tool in tools.values()))
    expect(f"{way}: schemas are of objects", all(tool.input_schema["type"] == "object" for tool in tools.values()))

    summary = await client.call_tool("storage-summary", {"bucket": bucket})
    expect(f"{way}: a result", summary.is_error, False)
    expect(f"{way}: text and structured content agree", json.loads(summary.content[0].text), summary.structured_content)
    top = await client.call_tool("top", {"source_bucket": bucket, "by": "ip", "limit": 3, "wait": True})
    expect(f"{way}: figures from the log say what they rest on", top.structured_content["coverage"]["objects_read"] > 0)
    expect(f"{way}: rows", len(top.structured_content["rows"]), 3)

    foreign = await client.call_tool("storage-summary", {"bucket": others_bucket})
    expect(f"{way}: another's bucket is a failure", foreign.is_error)
    expect(f"{way}: with a code", foreign.structured_content["code"] in ("AccessDenied", "NoSuchBucket"))
    wrong = await client.call_tool("top", {"source_bucket": bucket, "by": "moon"})
    expect(f"{way}: a wrong argument is a failure", wrong.is_error)
    try:
        await client.call_tool("ingest-run", {})
        sys.exit(f"FAILED {way}: a tool that writes was not refused")
    except MCPError as error:
        expect(f"{way}: tools that write are not offered", "no tool" in str(error))
    together = await asyncio.gather(*(client.call_tool("buckets", {}) for _ in range(8)))
    expect(f"{way}: calls at once", [result.is_error for result in together], [False] * 8)

    resources = (await client.list_resources()).resources
    expect(f"{way}: resources", len(resources) >= 10)
    for resource in resources:
        text = (await client.read_resource(resource.uri)).contents[0].text
        expect(f"{way}: {resource.uri}", len(text) > 100)
    prompts = (await client.list_prompts()).prompts
    expect(f"{way}: prompts", len(prompts), 4)
    prompt = await client.get_prompt("audit-object", {"bucket": bucket, "key": "a.pdf"})
    expect(f"{way}: a prompt quotes its arguments", 'key: "a.pdf"' in prompt.messages[0].content.text)


async def sessions(url, first, second):
    """A session's name is worth nothing without the keys that opened it."""
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "check", "version": "1"}},
    }
    ask = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}
    media = {"Accept": "application/json, text/event-stream"}
    async with httpx2.AsyncClient(base_url=url, headers=media) as http:
        opened = await http.post("/mcp", json=body, headers=keys(first))
        name = {"Mcp-Session-Id": opened.headers["mcp-session-id"]}
        own = await http.post("/mcp", json=ask, headers=keys(first) | name)
        expect("a session is good for its keys", own.status_code, 200)
        other = await http.post("/mcp", json=ask, headers=keys(second) | name)
        made_up = await http.post("/mcp", json=ask, headers=keys(second) | {"Mcp-Session-Id": "0" * 32})
        expect("another tenant's session is not there", (other.status_code, other.text), (404, made_up.text))
        page = await http.post("/mcp", json=body, headers=keys(first) | {"Origin": "https://evil.example"})
        expect("a foreign page is refused", page.status_code, 403)
        ended = await http.delete("/mcp", headers=keys(first) | name)
        expect("a session is ended", ended.status_code, 204)
        gone = await http.post("/mcp", json=ask, headers=keys(first) | name)
        expect("an ended session is not there", gone.status_code, 404)


async def main():
    async with demo() as url:
        with urllib.request.urlopen(f"{url}/demo/access") as answer:
            tenants = json.load(answer)["tenants"]
        first = next(tenant for tenant in tenants if tenant.get("log_bucket"))
        second = next(tenant for tenant in tenants if tenant["access_key_id"] != first["access_key_id"])
        async with over_http(url, second, "legacy") as client:
            others = (await client.call_tool("buckets", {})).structured_content["buckets"]
            others_bucket = others[0]
        for mode in ("legacy", "auto"):
            async with over_http(url, first, mode) as client:
                await use(f"HTTP {client.protocol_version}", client, "prod-assets", others_bucket)
        await sessions(url, first, second)
        with tempfile.TemporaryDirectory() as directory:
            program = StdioServerParameters(command=SPACEWATCH, args=["mcp"], env=environment(first, directory))
            for mode in ("legacy", "auto"):
                async with Client(program, mode=mode) as client:
                    await use(f"stdio {client.protocol_version}", client, "prod-assets", others_bucket)


def innermost(error):
    """What failed, out of the groups in which tasks wrap it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


try:
    asyncio.run(main())
except BaseExceptionGroup as group:
    raise innermost(group) from None
