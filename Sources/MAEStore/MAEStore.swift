// Room: MAEStore
