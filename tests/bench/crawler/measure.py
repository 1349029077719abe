"""The crawler of lab 18 on asyncio's raw streams: prints how many seconds it took, and how many pages there were.

usage: measure.py AT_ONCE START...
"""

import asyncio
import re
import sys
import time
from urllib.parse import urldefrag, urljoin, urlsplit

HREF = re.compile(rb'href="([^"]*)"')


async def fetch(url):
    """The body of the page at url."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    writer.write(f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer.partition(b"\r\n\r\n")[2]


async def crawl(starts, at_once):
    hosts = {urlsplit(start).netloc for start in starts}
    found = set(starts)
    places = asyncio.Semaphore(at_once)
    visited = 0

    async def visit(url, group):
        nonlocal visited
        async with places:
            body = await asyncio.wait_for(fetch(url), 10)
        visited += 1
        for link in HREF.findall(body):
            target = urldefrag(urljoin(url, link.decode())).url
            if urlsplit(target).netloc in hosts and target not in found:
                found.add(target)
                group.append(asyncio.ensure_future(visit(target, group)))

    group = []
    group.extend(asyncio.ensure_future(visit(start, group)) for start in starts)
    done = 0
    while done < len(group):
        await group[done]
        done += 1
    return visited


def main():
    at_once, starts = int(sys.argv[1]), sys.argv[2:]
    begin = time.perf_counter()
    visited = asyncio.run(crawl(starts, at_once))
    print(time.perf_counter() - begin, visited)


if __name__ == "__main__":
    main()
