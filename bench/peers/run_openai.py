"""The vendor's SDK as its documentation shows it, with asyncio's own loop."""

import asyncio

from openai import AsyncOpenAI
from work import arguments, body, spread


async def main() -> None:
    url, count, at_once = arguments()
    async with AsyncOpenAI(base_url=url, api_key="none") as client:

        async def one(number: int) -> str:
            answer = await client.chat.completions.create(**body(number))
            return answer.choices[0].message.content

        await spread(one, count, at_once)


asyncio.run(main())
