async def run(site, only, tell):
    return []
