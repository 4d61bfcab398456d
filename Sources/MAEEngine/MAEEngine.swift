// Room: MAEEngine
